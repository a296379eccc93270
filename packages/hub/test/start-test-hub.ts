import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { uuidv7 } from 'uuidv7';
import type { Store } from '@agentmix/act-core';
import { makeMemoryTokenStores } from '@agentmix/act-memory';
import type { Stores } from '../src/open-access.ts';
import { startHub } from '../src/start-hub.ts';
import type { Hub, StartOptions } from '../src/start-hub.ts';

export const silentLogger = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A command id stamped so many milliseconds from now. */
export const commandId = (aheadMs = 0): string => {
  if (aheadMs === 0) return uuidv7();
  const stamp = (Date.now() + aheadMs).toString(16).padStart(12, '0');
  return `${stamp.slice(0, 8)}-${stamp.slice(8)}-7${randomUUID().slice(15)}`;
};

/** A store of the test’s own, with tokens in memory beside it. */
export const memoryStores = (store: Store): Stores => ({
  store,
  ...makeMemoryTokenStores({ clock: () => Date.now() }),
});

/** Tests ask as fast as they can, and with many wrong tokens; those of the limits set their own. */
export const NO_RATE_LIMITS = { principalPerSecond: 0, projectPerSecond: 0, addressPerSecond: 0 };

/** A hub in this process over a directory of its own. */
export class TestHub {
  readonly dataDir: string;
  readonly #options: StartOptions;
  #hub: Hub;

  private constructor(dataDir: string, options: StartOptions, hub: Hub) {
    this.dataDir = dataDir;
    this.#options = options;
    this.#hub = hub;
  }

  static async start(options: StartOptions = {}): Promise<TestHub> {
    const dataDir = join(await mkdtemp(join(tmpdir(), 'act-hub-')), 'data');
    const all = {
      host: '127.0.0.1',
      port: 0,
      logger: silentLogger,
      dataDir,
      limits: NO_RATE_LIMITS,
      ...options,
    };
    return new TestHub(dataDir, all, await startHub(all));
  }

  get hub(): Hub {
    return this.#hub;
  }

  get url(): string {
    return this.#hub.url;
  }

  get token(): string {
    return this.#hub.token;
  }

  /** Stops, and serves the same data again at another port. */
  async restart(): Promise<void> {
    await this.#hub.stop();
    this.#hub = await startHub(this.#options);
  }

  async stop(): Promise<void> {
    await this.#hub.stop();
    await rm(join(this.dataDir, '..'), { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}
