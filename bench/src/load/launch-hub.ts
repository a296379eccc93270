import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { HubProcess } from '../hub-process.ts';
import { startChild } from './child.ts';

export interface LaunchedHub extends HubProcess {
  stop(): Promise<void>;
}

/** Starts a hub in a process of its own on that data directory; `counted`: with limits, that are never reached. */
export async function launchHub(
  store: 'postgres' | 'memory',
  dataDir: string,
  { counted = false } = {},
): Promise<LaunchedHub> {
  const flags = ['--store', store, '--data-dir', dataDir, ...(counted ? ['--counted'] : [])];
  const child = await startChild<HubProcess>('hub-process', flags);
  return { ...child.line, stop: () => child.stop() };
}

/** Starts a hub that is told by the environment what to work with. */
export async function launchHubIn(env: NodeJS.ProcessEnv, dataDir: string): Promise<LaunchedHub> {
  const flags = ['--data-dir', dataDir];
  const child = await startChild<HubProcess>('hub-process', flags, undefined, env);
  return { ...child.line, stop: () => child.stop() };
}

/** Starts a hub that lets everybody do everything; see the program. */
export async function launchOpenHub(dataDir: string): Promise<LaunchedHub> {
  const child = await startChild<HubProcess>('gateway/open-hub-process', ['--data-dir', dataDir]);
  return { ...child.line, stop: () => child.stop() };
}

/** Gives `use` a directory on the system's temporary file system (TMPDIR moves it), and deletes it afterwards. */
export async function withDirectory<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'act-bench-'));
  try {
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
