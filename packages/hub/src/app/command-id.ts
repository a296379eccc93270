import { CLOCK_AHEAD_MS_MAX, IDEMPOTENCY_MS, refusal } from '@agentmix/act-contract';
import type { Refusal } from '@agentmix/act-contract';

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

export const isCommandId = (id: string): boolean => UUID_V7.test(id);

/** Epoch milliseconds inside a version 7 UUID (RFC 9562). */
export const timeOf = (commandId: string): number =>
  Number.parseInt(commandId.slice(0, 8) + commandId.slice(9, 13), 16);

/** An id too old or from the future cannot be judged: it is refused by name rather than run twice. */
export const judgeTime = (made: number, now: number): Refusal | undefined => {
  if (made > now + CLOCK_AHEAD_MS_MAX)
    return refusal('idempotency_key_ahead', 'stamp command ids with the hub’s time', { time: now });
  if (made < now - IDEMPOTENCY_MS)
    return refusal('idempotency_key_expired', 'command ids are judged for 24 hours', { time: now });
  return undefined;
};
