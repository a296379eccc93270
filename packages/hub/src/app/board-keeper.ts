import type { Board, LeaseOfSession, Store } from '@agentmix/act-core';

export interface BoardKeeperOptions {
  readonly board: Board;
  readonly store: Pick<Store, 'liveState'>;
  /** Projects that somebody here uses. */
  readonly projectIds: () => Iterable<string>;
  /** Who speaks in a session, as far as it is known. */
  readonly agentOf: (session: LeaseOfSession) => string | undefined;
  readonly log: (message: string, fields: Record<string, unknown>) => void;
}

export interface BoardKeeper {
  /** The project’s live state was changed, or is used here from now on. */
  readonly stateChanged: (projectId: string) => void;
  /** These sessions were heard here. */
  readonly heard: (sessions: readonly LeaseOfSession[]) => void;
  readonly stop: () => Promise<void>;
}

/** What changes within this time is shown at once. */
const ROUND_MS = 100;
const HUB_EVERY_ROUNDS = 10;
const PRESENCE_EVERY_ROUNDS = 50;
/** What a hub could not show because it died is shown by the others so soon. */
const ALL_EVERY_ROUNDS = 600;
/** So many times longer than it took: the board gets little of the time, however large the states are … */
const REST_FACTOR = 10;
/** … and one that is only slow is not left behind for long. */
const REST_MS_MAX = 3_000;
/** After a failure. */
const REST_MS = 1_000;
/** More are not remembered while the board is away. */
const SESSIONS_MAX = 10_000;

/**
 * Keeps the board: live states as they are in the database, read there each time, and who was heard. Whatever the
 * board loses, or could not take, is shown again. No call waits for it, and no answer comes from it.
 */
export const startBoardKeeper = (options: BoardKeeperOptions): BoardKeeper => {
  const { board, store } = options;
  let due = new Set<string>();
  let heard = new Map<string, LeaseOfSession>();
  let round = 0;
  let restUntil = 0;
  let hasFailed = false;
  let working: Promise<void> | undefined;

  const showAllLater = (): void => {
    for (const projectId of options.projectIds()) due.add(projectId);
  };
  const showStates = async (): Promise<void> => {
    const startedAt = performance.now();
    // What changes from now on is for another turn.
    const left = due;
    due = new Set();
    try {
      for (const projectId of left) {
        const state = await store.liveState(projectId);
        if (state) await board.showState(state);
        left.delete(projectId);
      }
    } catch (error) {
      for (const projectId of left) due.add(projectId);
      throw error;
    }
    const now = performance.now();
    restUntil = now + Math.min(REST_MS_MAX, REST_FACTOR * (now - startedAt));
  };
  const showPresence = async (): Promise<void> => {
    const agents = new Map<string, Set<string>>();
    for (const session of heard.values()) {
      const agentId = options.agentOf(session);
      const { projectId } = session;
      if (agentId !== undefined) agents.set(projectId, (agents.get(projectId) ?? new Set()).add(agentId));
    }
    heard = new Map();
    for (const [projectId, agentIds] of agents) await board.showPresence(projectId, [...agentIds]);
  };
  const work = async (): Promise<void> => {
    round++;
    if (round % HUB_EVERY_ROUNDS === 1 && !(await board.showHub())) showAllLater();
    if (round % PRESENCE_EVERY_ROUNDS === 0) await showPresence();
    if (round % ALL_EVERY_ROUNDS === 0) showAllLater();
    if (due.size > 0) await showStates();
    hasFailed = false;
  };
  const failed = (error: unknown): void => {
    restUntil = performance.now() + REST_MS;
    if (!hasFailed) options.log('what programs outside see of projects is behind', { error: String(error) });
    hasFailed = true;
  };
  const timer = setInterval(() => {
    if (performance.now() < restUntil) return;
    working ??= work()
      .catch(failed)
      .finally(() => (working = undefined));
  }, ROUND_MS);
  return {
    stateChanged: (projectId) => void due.add(projectId),
    heard: (sessions) => {
      for (const session of sessions) if (heard.size < SESSIONS_MAX) heard.set(session.sessionId, session);
    },
    stop: async () => {
      clearInterval(timer);
      await working;
    },
  };
};
