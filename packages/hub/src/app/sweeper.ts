import { setTimeout } from 'node:timers/promises';
import { CONTENTION_WAIT_MS, REGIONS_MAX } from '@agentmix/act-contract';
import type { Store } from '@agentmix/act-core';
import type { LaneCommand } from '@agentmix/act-core';
import type { Vault } from './artifacts/vault.ts';
import type { Outcome } from './batch.ts';
import type { DatabaseClock } from './database-clock.ts';
import type { Lanes } from './lanes.ts';
import type { Leases } from './leases.ts';

/** How long what is kept stays, in milliseconds; absent: for ever. */
export interface Retention {
  /** Of the log’s records. */
  readonly retentionMs: number;
  /** Of the contents of messages, since they were read. */
  readonly messageRetentionMs?: number;
  /** Of the rows that `event.list` reads. */
  readonly historyRetentionMs?: number;
  /** Records that are not carried to the topic yet stay, however old. */
  readonly keepsUncarried?: boolean;
}

export interface SweeperEnvironment {
  readonly store: Store;
  readonly lanes: Lanes;
  readonly leases: Leases;
  readonly vault: Vault;
  readonly clock: DatabaseClock;
  readonly submit: (projectId: string, command: LaneCommand) => Promise<Outcome>;
  readonly retention: Retention;
  /** Events committed by this process since it started. */
  readonly eventsCommitted: () => number;
  readonly log: (message: string, fields: Record<string, unknown>) => void;
}

const TICK_MS = 250;
/** Another hub may have heard a session and not written it yet: it does so within a tick. */
const GRACE_MS = 2 * TICK_MS;
/** While no hub served for longer than this, leases did not run. */
const GAP_MS = 2_500;
const EXPIRIES_PER_TICK_MAX = 1_000;
const SILENCE_EVERY_TICKS = 20;
const HOUSEKEEPING_EVERY_TICKS = 240;
const HISTORY_ROUNDS_PER_TICK_MAX = 20;
const BUSY_EVENTS_PER_TICK = 500;
const BUSY_EVENTS_PER_ROUND = 100;
/** A database that is always slow must not keep dead sessions for ever. */
const LATE_TICKS_MAX = 4;

const expireSessions = async (env: SweeperEnvironment): Promise<void> => {
  const expired = await env.store.expiredSessions(EXPIRIES_PER_TICK_MAX, GRACE_MS);
  // Who spoke since the last flush is alive, whatever the database knows.
  const silent = expired.filter(({ sessionId }) => !env.leases.isPending(sessionId));
  await Promise.all(
    silent.map(({ projectId, sessionId }) =>
      env.submit(projectId, { name: 'session.expire', input: { sessionId } }),
    ),
  );
};

/** Held tasks whose holder said nothing for too long, or that are held for too long. */
function* overdueTasks({
  lanes,
  clock,
}: SweeperEnvironment): Iterable<{ projectId: string; taskId: string; epoch: number }> {
  const now = clock.now();
  for (const { projectId, state } of lanes.all()) {
    for (const taskId of [...(state?.sessions.values() ?? [])].flatMap(({ held }) => [...held])) {
      const task = state?.tasks.get(taskId);
      if (!state || !task) continue;
      const { silenceMs, claimMs } = state.settings;
      const isSilent =
        now - (task.progressedAt ?? now) >= (task.askedAt === undefined ? silenceMs : 2 * silenceMs);
      if (isSilent || now - (task.claimedAt ?? now) >= claimMs)
        yield { projectId, taskId, epoch: task.epoch };
    }
  }
}

const askSilent = async (env: SweeperEnvironment): Promise<void> => {
  for (const { projectId, ...input } of overdueTasks(env))
    await env.submit(projectId, { name: 'task.timeout', input });
};

/** Reservations that their holders did not renew for too long. */
const endIdleReservations = async ({ lanes, clock, submit }: SweeperEnvironment): Promise<void> => {
  const now = clock.now();
  for (const { projectId, state } of lanes.all()) {
    if (!state || state.reservations.byId.size === 0) continue;
    const { reservationIdleMs } = state.settings;
    const idle = [...state.reservations.byId.values()].filter(
      ({ status, renewedAt }) => status === 'granted' && now - renewedAt >= reservationIdleMs,
    );
    const reservationIds = idle.slice(0, REGIONS_MAX).map(({ id }) => id);
    if (reservationIds.length > 0)
      await submit(projectId, { name: 'reservation.expire', input: { reservationIds } });
  }
};

/** Sessions that wait for a region too long; what was raised about it just now is not raised again. */
const raiseLongWaits = async ({ lanes, clock, submit }: SweeperEnvironment): Promise<void> => {
  const now = clock.now();
  for (const { projectId, state } of lanes.all())
    for (const [wantedBy, wanted] of state?.reservations.queue ?? [])
      if ([...wanted.values()].some(({ since }) => now - since >= CONTENTION_WAIT_MS))
        await submit(projectId, { name: 'conflict.contend', input: { wantedBy } });
};

/** Questions about conflicts that nobody answered in time. */
const endUnanswered = async ({ lanes, clock, submit }: SweeperEnvironment): Promise<void> => {
  const now = clock.now();
  for (const { projectId, state } of lanes.all())
    for (const { id: conflictId, deadline } of state?.conflicts.values() ?? [])
      if (deadline !== undefined && now >= deadline)
        await submit(projectId, { name: 'conflict.expire', input: { conflictId } });
};

/** The history may lag, callers do not wait for it: it takes as much of the database as commits do, so it waits for a lull. */
const makeHistoryFiller = (env: SweeperEnvironment): (() => Promise<void>) => {
  let before = 0;
  return async () => {
    const committed = env.eventsCommitted();
    const isBusy = committed - before > BUSY_EVENTS_PER_TICK;
    before = committed;
    if (isBusy) return;
    for (let round = 0; round < HISTORY_ROUNDS_PER_TICK_MAX; round++) {
      const isBusyNow = env.eventsCommitted() - committed > BUSY_EVENTS_PER_ROUND;
      if (isBusyNow || !(await env.store.fillHistory())) return;
    }
  };
};

/** Forgets what is older than it shall stay: records, contents of read messages, history. */
export const forgetOld = async ({
  store,
  clock,
  retention,
}: Pick<SweeperEnvironment, 'store' | 'clock' | 'retention'>): Promise<void> => {
  const { retentionMs, messageRetentionMs, historyRetentionMs, keepsUncarried = false } = retention;
  const now = clock.now();
  await store.trimLog(now - retentionMs, keepsUncarried);
  if (messageRetentionMs !== undefined) await store.eraseReadMessages(now - messageRetentionMs);
  if (historyRetentionMs !== undefined) await store.trimHistory(now - historyRetentionMs);
};

/**
 * The hub’s own clockwork: renewals are flushed, sessions whose lease ran out are ended, silent holders are asked,
 * the history is filled, old log is forgotten. Any hub may do any of it at any time: each step is decided again
 * where it is written.
 */
export const startSweeper = (env: SweeperEnvironment): { stop: () => Promise<void> } => {
  const fillHistory = makeHistoryFiller(env);
  const stopped = new AbortController();
  let lateTicks = 0;
  let endedAt = performance.now();
  /** Renewals first: who was heard is not judged by what was known before. Says whether sessions may be judged now. */
  const hearFirst = async (): Promise<boolean> => {
    const startedAt = performance.now();
    await env.leases.flush();
    const gap = await env.store.beat(GAP_MS);
    if (gap > GAP_MS) env.log('no hub served; leases were extended', { gapMs: Math.round(gap) });
    // After a stall heartbeats sent in time still lie in the sockets: they are heard before the next tick.
    const isLate = startedAt - endedAt > 4 * TICK_MS || performance.now() - startedAt > 2 * TICK_MS;
    lateTicks = isLate ? lateTicks + 1 : 0;
    return gap <= GAP_MS && (!isLate || lateTicks > LATE_TICKS_MAX);
  };
  const tick = async (ticks: number): Promise<void> => {
    if (await hearFirst()) await expireSessions(env);
    if (ticks % SILENCE_EVERY_TICKS === 0) {
      await askSilent(env);
      await endIdleReservations(env);
      await raiseLongWaits(env);
      await endUnanswered(env);
    }
    await fillHistory();
    if (ticks % HOUSEKEEPING_EVERY_TICKS !== 0) return;
    env.lanes.evict();
    await forgetOld(env);
    await env.vault.sweep();
  };
  const run = async (): Promise<void> => {
    for (let ticks = 1; !stopped.signal.aborted; ticks++) {
      await tick(ticks).catch((error: unknown) =>
        env.log('sweep failed', { error: error instanceof Error ? error.message : error }),
      );
      endedAt = performance.now();
      await setTimeout(TICK_MS, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  };
  const running = run();
  return {
    stop: async () => {
      stopped.abort();
      await running;
      await env.leases.flush().catch(() => undefined);
    },
  };
};
