import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');
const START_MS_MAX = 60_000;

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What it has printed so far on stdout. */
  readonly stdout: () => string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** How the command is started from its source. */
export const actCommand = (): readonly string[] => [
  process.execPath,
  '--conditions=@act/source',
  '--import',
  TSX,
  MAIN,
];

/** Starts the command from its source, with nothing of this process's environment that speaks of a hub or of npm. */
export const startAct = (args: readonly string[], env: Env = {}, cwd = process.cwd()): Running => {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:ACT|npm)_/.test(name)),
  );
  const [program = '', ...words] = actCommand();
  const child = spawn(program, [...words, ...args], {
    cwd,
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(([code, signal]) => ({
    code: code as number | null,
    signal: signal as string | null,
    stdout,
    stderr,
  }));
  return { child, ended, stdout: () => stdout };
};

/** Runs the command to its end. */
export const act = (args: readonly string[], env: Env = {}): Promise<Ended> => startAct(args, env).ended;

/** The object that --json prints as its last line. */
export const jsonOf = (ended: Ended): Record<string, unknown> => {
  const line = ended.stdout.trimEnd().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    throw new Error(`no JSON on stdout (exit ${ended.code}): ${ended.stdout}${ended.stderr}`);
  }
};

export const waitUntil = async (
  isTrue: () => boolean | Promise<boolean>,
  what: string,
  ms = 20_000,
): Promise<void> => {
  const deadline = performance.now() + ms;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`${what}: not within ${ms} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

/** A temporary directory that the database's user can pass through. */
export const makeFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'act-cli-test-'));
  await chmod(folder, 0o711);
  return folder;
};

export interface TestHub {
  readonly url: string;
  readonly folder: string;
  readonly dataDir: string;
  /** Environment in which the command finds this hub. */
  readonly env: Env;
  /** Stops it, and leaves its data. */
  end(): Promise<Ended>;
  stop(): Promise<Ended>;
}

/** A real hub, started by the command itself, over a folder that may hold the data of an earlier one. */
export const startTestHub = async (
  given: { folder?: string; env?: Env; port?: string } = {},
): Promise<TestHub> => {
  const folder = given.folder ?? (await makeFolder());
  const dataDir = join(folder, 'hub');
  const hub = startAct(['up', '--port', given.port ?? '0', '--data-dir', dataDir, '--json'], given.env);
  const early = hub.ended.then(({ stderr }) => Promise.reject(new Error(`the hub ended: ${stderr}`)));
  early.catch(() => undefined);
  await Promise.race([waitUntil(() => hub.stdout().includes('\n'), 'the hub starts', START_MS_MAX), early]);
  const { url } = JSON.parse(hub.stdout()) as { url: string };
  const end = (): Promise<Ended> => {
    hub.child.kill('SIGTERM');
    return hub.ended;
  };
  return {
    url,
    folder,
    dataDir,
    env: { ACT_URL: url, ACT_DATA_DIR: dataDir },
    end,
    async stop() {
      const ended = await end();
      await rm(folder, { recursive: true, force: true });
      return ended;
    },
  };
};
