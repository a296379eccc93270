import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { callHub } from './call-hub.ts';
import type { Answer, HubAccess } from './call-hub.ts';
import { homeFolder } from './place.ts';

/**
 * The lease that a hook asks for. Every hook renews it; between two lie at most a tool's ten minutes, or a person's
 * pause, after which the next hook opens a session anew.
 */
const LEASE_MS = 15 * 60_000;

/** Who the hook speaks as. */
export interface Identity {
  readonly agentId: string;
  readonly client: string;
  /** What people read: the client and the folder it works in. */
  readonly name: string;
}

export const sessionFile = (home: string, projectId: string, agentId: string): string =>
  join(homeFolder(home), 'sessions', projectId, `${agentId}.json`);

export const readSession = (file: string): string | undefined => {
  try {
    const { sessionId } = JSON.parse(readFileSync(file, 'utf8')) as { sessionId?: unknown };
    return typeof sessionId === 'string' ? sessionId : undefined;
  } catch {
    // Absent or cut off: the hub knows the session, registering tells it.
    return undefined;
  }
};

const writeSession = (file: string, sessionId: string): void => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ sessionId }), { mode: 0o600 });
  renameSync(draft, file);
};

export const forgetSession = (file: string): void => rmSync(file, { force: true });

/** Registers, or goes on with the session that the agent has. */
export const openSession = async (
  hub: HubAccess,
  { agentId, client, name }: Identity,
  file: string,
): Promise<string> => {
  const input = { agentId, name, kind: client, leaseMs: LEASE_MS, resume: true };
  const registered = await callHub(hub, 'agent.register', input);
  if (!registered.ok)
    throw new Error(`${agentId} was not registered: ${registered.code} ${registered.detail}`);
  writeSession(file, registered.value.sessionId);
  return registered.value.sessionId;
};

/** Speaks in the agent's session; once more where the kept one is over. */
export const speak = async <T>(
  hub: HubAccess,
  identity: Identity,
  file: string,
  call: (sessionId: string) => Promise<Answer<T>>,
): Promise<Answer<T>> => {
  const kept = readSession(file);
  const first = await call(kept ?? (await openSession(hub, identity, file)));
  if (first.ok || first.code !== 'session_expired') return first;
  return call(await openSession(hub, identity, file));
};
