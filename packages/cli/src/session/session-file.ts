import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AgentId } from '@agentmix/act-contract';
import { Failure, usageFailure } from '../cli/failure.ts';

/** What one command line hands to the next: the open session of an agent and the grants it holds. */
export interface KeptSession {
  readonly sessionId: string;
  readonly capabilities: readonly { readonly name: string; readonly level: number }[];
  /** Epoch by task id. */
  readonly grants: Readonly<Record<string, number>>;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isKeptSession = (value: unknown): value is KeptSession =>
  isObject(value) &&
  typeof value['sessionId'] === 'string' &&
  Array.isArray(value['capabilities']) &&
  isObject(value['grants']) &&
  Object.values(value['grants']).every((epoch) => typeof epoch === 'number');

/** Checked before it names a file. */
export const checkAgentId = (agent: string): string => {
  if (AgentId.safeParse(agent).success) return agent;
  throw usageFailure(
    `${JSON.stringify(agent)} is no name for an agent`,
    'letters, digits and ._:@-, at most 100',
  );
};

export const sessionFile = (dataDir: string, projectId: string, agent: string): string =>
  join(dataDir, 'sessions', projectId, `${agent}.json`);

/** The session kept for an agent; a file that cannot be read as one counts as none. */
export const readSession = async (file: string): Promise<KeptSession | undefined> => {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isKeptSession(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
};

/** Keeps a session where only this user reads it: with it, anyone could speak as the agent. */
export const writeSession = async (file: string, session: KeptSession): Promise<void> => {
  const draft = `${file}.${process.pid}`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(draft, `${JSON.stringify(session)}\n`, { mode: 0o600 });
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw new Failure(
      `the session cannot be kept in ${file}: ${error instanceof Error ? error.message : String(error)}`,
      { code: 'session_unwritable', hint: 'say where it may be kept: --data-dir or ACT_DATA_DIR' },
    );
  }
};

export const removeSession = (file: string): Promise<void> => rm(file, { force: true });
