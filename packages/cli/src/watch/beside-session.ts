import { setTimeout as sleep } from 'node:timers/promises';
import {
  findPlace,
  homeFolder,
  isRunning,
  markWatcher,
  processMark,
  sessionOfWatcher,
  watcherOf,
} from '@agentmix/act-agents';
import type { Place, Watcher } from '@agentmix/act-agents';
import type { Surroundings } from '../cli/surroundings.ts';
import { connectProject } from '../connection/find-project.ts';
import type { ProjectConnection } from '../connection/find-project.ts';
import type { Speak, Voice } from '../session/speaker.ts';

const LOOK_EVERY_MS = 1_000;
const ASK_EVERY_MS = 30_000;
/** As long as hooks ask their sessions to live: a hub that is away for longer has forgotten this one. */
const LEASE_MS = 15 * 60_000;
/** By then the hook that started this has ended, and a shell that its client may have started it with, too. */
const HOOK_MS_MAX = 5_000;

/** Speaks in the session that the agent’s hooks opened, and opens none. Rejects while there is none: it is told again. */
const speakWithHooks =
  (home: string, watcher: Watcher): Speak =>
  async (agent, call) => {
    const sessionId = sessionOfWatcher(home, watcher);
    if (sessionId === undefined) throw new Error(`the session of ${agent} is over`);
    const result = await call(sessionId);
    if (!result.ok && result.refusal.code === 'session_expired')
      throw new Error(`the session of ${agent} is over`);
    return result;
  };

/** Whether the client is there: not known, and so true, where only a shell was between it and the hook. */
const makeIsClientThere = (clientId: number): (() => boolean) => {
  const client = processMark(clientId);
  const judgedFrom = performance.now() + HOOK_MS_MAX;
  let isClient: boolean | undefined;
  return () => {
    if (performance.now() < judgedFrom) return true;
    isClient ??= isRunning(client);
    return !isClient || isRunning(client);
  };
};

/** Whether the session lives at the hub, asked now and then without renewing it. */
const makeIsLive = ({ hub, project }: ProjectConnection, { agentId }: Watcher): (() => Promise<boolean>) => {
  let askedAt = performance.now();
  let liveAt = askedAt;
  return async () => {
    if (performance.now() - askedAt < ASK_EVERY_MS) return true;
    askedAt = performance.now();
    try {
      const page = await hub.query('agent.list', project.id, { agentId }, { timeoutMs: 3_000 });
      if (!page.ok || page.value.items.every(({ status }) => status === 'offline')) return false;
      liveAt = performance.now();
    } catch {
      // The hub is away. Its sessions outlive that, until their leases end.
    }
    return performance.now() - liveAt < LEASE_MS;
  };
};

/** Ends the watching when its time is over. */
const endInTime = async (
  isNeeded: () => boolean,
  isLive: () => Promise<boolean>,
  stopping: AbortController,
): Promise<void> => {
  const { signal } = stopping;
  while (!signal.aborted) {
    if (!isNeeded() || !(await isLive())) stopping.abort();
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
};

const connectAs = ({ project }: Place, home: string, surroundings: Surroundings) =>
  connectProject(
    { url: project.url, token: project.key, project: project.projectId, 'data-dir': homeFolder(home) },
    surroundings,
  );

interface Beside {
  readonly home: string;
  readonly folder: string;
  readonly agentId: string;
  /** The process that called the hook. */
  readonly clientId: number;
  readonly surroundings: Surroundings;
  readonly stopping: AbortController;
}

/**
 * Watches beside a session that hooks opened, and stops with it: when it is over, the client is gone, the repository was
 * left, or another process watches this worktree. Does nothing where one already does.
 */
export const besideSession = async (
  { home, folder, agentId, clientId, surroundings, stopping }: Beside,
  watch: (voice: Voice) => Promise<void>,
): Promise<void> => {
  const isClientThere = makeIsClientThere(clientId);
  const place = findPlace(folder, home);
  if (!place || watcherOf(home, place.top)) return;
  const { top, project } = place;
  const watcher = { ...processMark(process.pid), top, projectId: project.projectId, agentId };
  const mark = markWatcher(home, watcher);
  const isJoined = (): boolean => findPlace(top, home)?.project.watch !== undefined;
  const isNeeded = (): boolean =>
    mark.stands() && isJoined() && isClientThere() && sessionOfWatcher(home, watcher) !== undefined;
  try {
    const connection = await connectAs(place, home, surroundings);
    await Promise.all([
      watch({ connection, speak: speakWithHooks(home, watcher) }).finally(() => stopping.abort()),
      endInTime(isNeeded, makeIsLive(connection, watcher), stopping),
    ]);
  } finally {
    mark.remove();
  }
};
