import { createHash } from 'node:crypto';
import { IDEMPOTENCY_MS } from '@agentmix/act-contract';

/** How long one id stands for the same words, well within the time for which the hub judges repetitions. */
const WINDOW_MS = IDEMPOTENCY_MS - 4 * 3_600_000;

const timeInside = (uuid: string): number => Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16);

/**
 * A command id that the same words in the same session always give: a version 7 UUID (RFC 9562) whose random bits are
 * a hash of both. Its time is that of the session’s beginning, plus whole windows for sessions that live longer, so
 * that a repetition finds the first call and no id is too old. `now` in epoch milliseconds.
 */
export const commandIdOf = (sessionId: string, now: number, words: readonly string[]): string => {
  const began = timeInside(sessionId);
  const at = began + Math.floor(Math.max(0, now - began) / WINDOW_MS) * WINDOW_MS;
  const stamp = at.toString(16).padStart(12, '0');
  const hash = createHash('sha256')
    .update(JSON.stringify([sessionId, ...words]))
    .digest('hex');
  const variant = ((Number.parseInt(hash.charAt(3), 16) & 0x3) | 0x8).toString(16);
  return [
    stamp.slice(0, 8),
    stamp.slice(8),
    `7${hash.slice(0, 3)}`,
    variant + hash.slice(4, 7),
    hash.slice(7, 19),
  ].join('-');
};
