import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { callHub } from './call-hub.ts';
import type { Answer, HubAccess } from './call-hub.ts';
import { keep, readKept } from './kept-file.ts';
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

interface Kept {
  readonly sessionId?: string;
  /** Tops of the working trees in which the agent has reserved something: commits there end its reservations. */
  readonly tops: readonly string[];
}

const keptIn = (file: string): Kept => {
  // Absent or cut off: the hub knows the session, registering tells it.
  const { sessionId, tops } = (readKept(file) ?? {}) as Record<string, unknown>;
  return {
    ...(typeof sessionId === 'string' ? { sessionId } : {}),
    tops: Array.isArray(tops) ? tops.filter((top) => typeof top === 'string') : [],
  };
};

export const readSession = (file: string): string | undefined => keptIn(file).sessionId;

/** Keeps in which working trees the agent reserves. */
export const noteTops = (file: string, tops: readonly string[]): void => {
  const kept = keptIn(file);
  const all = [...new Set([...kept.tops, ...tops])];
  if (all.length > kept.tops.length) keep(file, { ...kept, tops: all });
};

/** Agents of this user that have reserved something in this working tree. */
export const agentsIn = (home: string, projectId: string, top: string): readonly string[] => {
  const folder = dirname(sessionFile(home, projectId, 'any'));
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    // No agent has worked here yet.
    return [];
  }
  return names
    .filter((name) => name.endsWith('.json') && keptIn(join(folder, name)).tops.includes(top))
    .map((name) => basename(name, '.json'));
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
  keep(file, { ...keptIn(file), sessionId: registered.value.sessionId });
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
