import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { choosePort } from '@agentmix/act-testing/engines';
import type { Host } from '../network/network.ts';
import type { Retained } from './retained-memory.ts';
import type { Stalls } from './stall-probe.ts';
import type { Actor, Stage } from './stage.ts';

/** Rows ask as fast as they can; those about limits set their own. */
const NO_RATE_LIMITS = {
  ACT_LIMIT_PRINCIPAL_PER_SECOND: '0',
  ACT_LIMIT_PROJECT_PER_SECOND: '0',
  ACT_LIMIT_ADDRESS_PER_SECOND: '0',
};

/** Built, it starts from as few files as the one that people start. */
export const PROGRAM = import.meta.url.endsWith('.ts') ? 'hub-main' : 'bundled/hub-main';
const STARTS_MAX = 5;
const STOP_MS_MAX = 5_000;
/** Of a hub that answers what it took before it ends. */
const DRAIN_MS_MAX = 30_000;

interface Ready {
  readonly kind: 'ready';
  readonly url: string;
  readonly token: string;
}

/** When a hub was killed and when its successor served; epoch milliseconds. */
export interface Outage {
  readonly killedAt: number;
  readonly withDatabase: boolean;
  servedAt: number;
}

/** A hub that is killed and started again on the same port and data. */
export class HubProcess {
  readonly dataDir: string;
  readonly outages: Outage[] = [];
  readonly #stage: Stage;
  readonly #port: number;
  readonly #databaseUrl: string | undefined;
  readonly #env: Readonly<Record<string, string>>;
  readonly #host: Host | undefined;
  #program = PROGRAM;
  #isStopped = false;
  #actor: Actor | undefined;
  #ready: Ready | undefined;

  private constructor(
    stage: Stage,
    dataDir: string,
    port: number,
    databaseUrl: string | undefined,
    env: Readonly<Record<string, string>>,
    host: Host | undefined,
  ) {
    this.#stage = stage;
    this.#env = { ...NO_RATE_LIMITS, ...env };
    this.#host = host;
    this.dataDir = dataDir;
    this.#port = port;
    this.#databaseUrl = databaseUrl;
  }

  /** Starts a hub with its own database, or on another one's, here or on another host. It ends with the stage. */
  static async start(
    stage: Stage,
    name = 'hub',
    databaseUrl?: string,
    env: Readonly<Record<string, string>> = {},
    host?: Host,
  ): Promise<HubProcess> {
    const dataDir = join(stage.dir, name);
    mkdirSync(dataDir, { mode: 0o711 });
    const hub = new HubProcess(stage, dataDir, await choosePort(), databaseUrl, env, host);
    stage.onClose(() => hub.stop());
    await hub.#start();
    return hub;
  }

  get url(): string {
    return `http://${this.#host?.address ?? '127.0.0.1'}:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  get pid(): number {
    return this.#actor?.pid ?? 0;
  }

  /** All processes of the hub and its own database. */
  pids(): readonly number[] {
    const postmaster = postmasterPid(this.dataDir);
    return [this.pid, ...(postmaster === undefined ? [] : [postmaster, ...childrenOf(postmaster)])];
  }

  get token(): string {
    return this.#ready?.token ?? '';
  }

  /** The keys that this hub minted, as another one on its database has to be given them. */
  get keys(): Readonly<Record<string, string>> {
    return {
      ACT_OWNER_KEY_FILE: join(this.dataDir, 'admin.key'),
      ACT_MASTER_KEY_FILE: join(this.dataDir, 'master.key'),
    };
  }

  /** What the hub logs, at the level in ACT_TORTURE_LOG. */
  get logFile(): string {
    return `${this.dataDir}.log`;
  }

  /** Directory of the embedded server's socket. */
  get socketDir(): string {
    return join(this.dataDir, 'run');
  }

  async #start(): Promise<void> {
    for (let start = 1; !this.#isStopped; start++) {
      const more = this.#databaseUrl === undefined ? [] : [this.#databaseUrl];
      const args = [this.dataDir, String(this.#port), ...more];
      this.#actor = this.#stage.start(this.#program, args, {
        env: this.#env,
        stdoutFile: this.logFile,
        ...(this.#host && { namespace: this.#host.namespace }),
      });
      try {
        this.#ready = await this.#actor.message<Ready>('ready');
        return;
      } catch (error) {
        if (start >= STARTS_MAX || this.#isStopped) throw error;
        await sleep(100);
      }
    }
  }

  /** Kills the hub, with its database when asked, and starts it again at once. */
  async killAndRestart(withDatabase = false): Promise<void> {
    const outage: Outage = { killedAt: Date.now(), withDatabase, servedAt: Number.POSITIVE_INFINITY };
    this.outages.push(outage);
    // The database first: what the hub has said by then it has to answer for.
    if (withDatabase) this.#killDatabase();
    await this.kill();
    await this.restart();
    outage.servedAt = Date.now();
  }

  async kill(): Promise<void> {
    this.#actor?.signal('SIGKILL');
    await this.#actor?.exited;
  }

  /** After it was killed. */
  restart(): Promise<void> {
    return this.#start();
  }

  /**
   * Ends the hub as a deployment does, which lets it answer what it took, and starts another release in its place.
   * Returns how long it took to end.
   */
  async replace(program: string): Promise<number> {
    const startedAt = performance.now();
    const actor = this.#actor;
    actor?.send('stop');
    await Promise.race([actor?.exited, sleep(DRAIN_MS_MAX)]);
    const drainMs = Math.round(performance.now() - startedAt);
    actor?.signal('SIGKILL');
    await actor?.exited;
    this.#program = program;
    await this.#start();
    return drainMs;
  }

  /** Immediate shutdown: no checkpoint, nothing is flushed, as if the power had gone. */
  #killDatabase(): void {
    const pid = postmasterPid(this.dataDir);
    if (pid !== undefined) signalIfAlive(pid, 'SIGQUIT');
  }

  /** The longest stalls of the event loop since the last question. The hub was started with ACT_TORTURE_STALLS. */
  async stalls(): Promise<Stalls> {
    if (!this.#actor) throw new Error('the hub is stopped');
    this.#actor.send('stalls');
    return this.#actor.message<Stalls>('stalls');
  }

  /** What the process holds after a full garbage collection, which this question makes. */
  async memory(): Promise<Retained> {
    if (!this.#actor) throw new Error('the hub is stopped');
    this.#actor.send('memory');
    return this.#actor.message<Retained>('memory');
  }

  /** Whether the process that was started last still runs. */
  get isAlive(): boolean {
    const child = this.#actor?.process;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** Stops the process for so long, as a machine without processor time would. */
  async stall(ms: number): Promise<void> {
    this.#actor?.signal('SIGSTOP');
    await sleep(ms);
    this.#actor?.signal('SIGCONT');
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    const actor = this.#actor;
    this.#actor = undefined;
    actor?.send('stop');
    await Promise.race([actor?.exited, sleep(STOP_MS_MAX)]);
    actor?.signal('SIGKILL');
    await actor?.exited;
    this.#killDatabase();
  }
}

/** The server writes it there itself, so that it is found whatever became of the hub that started it. */
const postmasterPid = (dataDir: string): number | undefined => {
  const file = join(dataDir, 'pg', 'postmaster.pid');
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  return Number.isInteger(pid) && pid > 1 ? pid : undefined;
};

const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);

const signalIfAlive = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};
