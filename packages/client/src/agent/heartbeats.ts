import { backoffMs, RETRY_DEFAULT } from '../backoff.ts';
import { unref } from '../deadline.ts';

/** A third of the lease lets two heartbeats fail before the lease runs out. */
const BEATS_PER_LEASE = 3;
const JITTER = 0.2;
const BEAT_TIMEOUT_MS_MAX = 5_000;

/** Milliseconds to the next heartbeat: a third of the lease ± 20 %, so that agents do not beat in step. */
export const heartbeatDelayMs = (leaseMs: number, random = Math.random()): number =>
  (leaseMs / BEATS_PER_LEASE) * (1 - JITTER + 2 * JITTER * random);

/** How long one heartbeat may take, so that a call that hangs does not cost the lease. */
export const heartbeatTimeoutMs = (leaseMs: number): number =>
  Math.min(leaseMs / BEATS_PER_LEASE, BEAT_TIMEOUT_MS_MAX);

export interface Heartbeats {
  stop(): void;
}

/**
 * Beats until stopped, or until a beat says that the session is over. A failed beat is repeated soon, and for
 * ever: whether the lease is lost the hub decides, not a clock here. The timer keeps no process alive.
 */
export const startHeartbeats = (
  leaseMs: number,
  beat: (timeoutMs: number) => Promise<'live' | 'over'>,
): Heartbeats => {
  let stopped = false;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const schedule = (delayMs: number): void => {
    if (stopped) return;
    // The next beat is scheduled by this one's end, so no two are under way; it never rejects.
    timer = setTimeout(() => void run(), delayMs);
    unref(timer);
  };
  const run = async (): Promise<void> => {
    try {
      if ((await beat(heartbeatTimeoutMs(leaseMs))) === 'over') return;
      failures = 0;
      schedule(heartbeatDelayMs(leaseMs));
    } catch (error) {
      // Nobody else aborts a beat: the hub's client is closed.
      if (error instanceof Error && error.name === 'AbortError') return;
      failures++;
      schedule(Math.min(backoffMs(RETRY_DEFAULT, failures), heartbeatDelayMs(leaseMs)));
    }
  };
  schedule(heartbeatDelayMs(leaseMs));
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
};
