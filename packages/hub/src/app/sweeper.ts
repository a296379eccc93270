import type { Store } from '@agentmix/act-core';
import type { LaneCommand } from '@agentmix/act-core';
import type { Outcome } from './batch.ts';
import type { DatabaseClock } from './database-clock.ts';
import type { Lanes } from './lanes.ts';
import type { Leases } from './leases.ts';

export interface SweeperEnvironment {
  readonly store: Store;
  readonly lanes: Lanes;
  readonly leases: Leases;
  readonly clock: DatabaseClock;
  readonly submit: (projectId: string, command: LaneCommand) => Promise<Outcome>;
  readonly retentionMs: number;
  readonly log: (message: string, fields: Record<string, unknown>) => void;
}

const TICK_MS = 500;
/** While no hub served for longer than this, leases did not run. */
const GAP_MS = 2_500;
const EXPIRIES_PER_TICK_MAX = 1_000;
const SILENCE_EVERY_TICKS = 10;
const HOUSEKEEPING_EVERY_TICKS = 120;
const HISTORY_ROUNDS_PER_TICK_MAX = 20;

/**
 * The hub’s own clockwork: renewals are flushed, sessions whose lease ran out are ended, silent holders are asked,
 * the history is filled, old log is forgotten. Any hub may do any of it at any time: each step is decided again
 * where it is written.
 */
export const startSweeper = (env: SweeperEnvironment): { stop: () => Promise<void> } => {
  let ticks = 0;
  let isStopped = false;
  const expire = async (): Promise<void> => {
    const expired = await env.store.expiredSessions(EXPIRIES_PER_TICK_MAX);
    await Promise.all(
      expired.map(({ projectId, sessionId }) =>
        env.submit(projectId, { name: 'session.expire', input: { sessionId } }),
      ),
    );
  };
  const askSilent = async (): Promise<void> => {
    const now = env.clock.now();
    for (const lane of env.lanes.all()) {
      const state = lane.state;
      for (const session of state?.sessions.values() ?? []) {
        for (const taskId of session.held) {
          const task = state?.tasks.get(taskId);
          if (!state || !task) continue;
          const silentMs = now - (task.progressedAt ?? now);
          const isDue =
            task.askedAt === undefined
              ? silentMs >= state.settings.silenceMs
              : silentMs >= 2 * state.settings.silenceMs;
          if (!isDue && now - (task.claimedAt ?? now) < state.settings.claimMs) continue;
          await env.submit(lane.projectId, { name: 'task.timeout', input: { taskId, epoch: task.epoch } });
        }
      }
    }
  };
  const tick = async (): Promise<void> => {
    ticks++;
    await env.leases.flush();
    // A stalled hub must first add the stall to the leases, and hear what agents said meanwhile, before it judges them.
    const gap = await env.store.beat(GAP_MS);
    if (gap > GAP_MS) env.log('no hub served; leases were extended', { gapMs: Math.round(gap) });
    else await expire();
    if (ticks % SILENCE_EVERY_TICKS === 0) await askSilent();
    for (let round = 0; round < HISTORY_ROUNDS_PER_TICK_MAX && (await env.store.fillHistory()); round++);
    if (ticks % HOUSEKEEPING_EVERY_TICKS === 0) {
      env.lanes.evict();
      await env.store.trimLog(env.clock.now() - env.retentionMs);
    }
  };
  const run = async (): Promise<void> => {
    while (!isStopped) {
      await tick().catch((error: unknown) =>
        env.log('sweep failed', { error: error instanceof Error ? error.message : error }),
      );
      await new Promise<void>((resolve) => {
        wake = resolve;
        timer = setTimeout(resolve, TICK_MS);
      });
    }
  };
  let timer: NodeJS.Timeout | undefined;
  let wake: () => void = () => undefined;
  const running = run();
  return {
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      wake();
      await running;
      await env.leases.flush().catch(() => undefined);
    },
  };
};
