import type { Snapshot } from '@agentmix/act-client';

/** Whether nothing held or ready is left, so that what waits, waits for what only a person can move. */
export const isStuck = ({ counts }: Snapshot): { waiting: number; parked: number } | undefined => {
  const { claimed, ready, pending, failed, blocked } = counts;
  return claimed === 0 && ready === 0 && pending > 0
    ? { waiting: pending, parked: failed + blocked }
    : undefined;
};
