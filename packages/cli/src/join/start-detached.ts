import { spawn } from 'node:child_process';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { homeFolder } from '@agentmix/act-agents';
import { Failure } from '../cli/failure.ts';

/** The first start sets up a database. */
const START_MS_MAX = 30_000;
const LOG_LINES_SHOWN = 5;

/** How this very command line was started: program, its options, and the script. */
export const ownCommand = (): readonly string[] => [
  process.execPath,
  ...process.execArgv,
  process.argv[1] ?? '',
];

/** Whether a hub answers there now; unlike a call it is not tried again. */
export const isUp = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1_000) })).ok;
  } catch {
    return false;
  }
};

const endOf = async (file: string): Promise<string> =>
  (await readFile(file, 'utf8').catch(() => '')).trimEnd().split('\n').slice(-LOG_LINES_SHOWN).join('\n');

/** Starts a hub that outlives this command, and waits until it answers. It is stopped like any other: by its pid. */
export const startDetached = async (url: string, home: string, dataDir: string): Promise<number> => {
  await mkdir(homeFolder(home), { recursive: true, mode: 0o700 });
  const logFile = join(homeFolder(home), 'hub.log');
  const log = await open(logFile, 'a', 0o600);
  const [program = '', ...words] = ownCommand();
  const port = new URL(url).port || '80';
  const child = spawn(program, [...words, 'up', '--port', port, '--data-dir', dataDir], {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    cwd: home,
  });
  child.unref();
  await log.close();
  let code: number | null | undefined;
  child.once('exit', (exitCode) => (code = exitCode));
  const deadline = performance.now() + START_MS_MAX;
  while (performance.now() < deadline) {
    if (await isUp(url)) return child.pid ?? 0;
    if (code !== undefined) break;
    await sleep(100);
  }
  throw new Failure(`the hub did not start at ${url}`, {
    code: 'hub_not_started',
    hint: `start it by hand to see why: act up\n${await endOf(logFile)}`,
  });
};
