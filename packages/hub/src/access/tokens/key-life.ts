import { ACCESS_TOKEN_SECONDS } from '@agentmix/act-contract';

/** How far ahead of this hub `iat` and `nbf` may be. */
export const EARLY_LEEWAY_SECONDS = 30;
/** What a hub has not heard for so long it does not trust. */
export const HEARD_MS_MAX = 10_000;

/**
 * For how long a key is trusted after the next one has taken over: the life of its last token, the leeway, and the
 * time that a hub without its database may go on signing.
 */
export const OVERLAP_MS = (ACCESS_TOKEN_SECONDS + EARLY_LEEWAY_SECONDS) * 1000 + HEARD_MS_MAX;

/** Times in epoch milliseconds. */
interface Aged {
  readonly createdAt: number;
}

/**
 * The key that signs: the newest that was published for `publishAheadMs`, so that whoever checks tokens knows it
 * already; where none was, the oldest. Keys are oldest first.
 */
export const signerAmong = <K extends Aged>(
  keys: readonly K[],
  now: number,
  publishAheadMs: number,
): K | undefined => keys.findLast(({ createdAt }) => createdAt + publishAheadMs <= now) ?? keys[0];

/** Keys that no token can still need: a later one took over longer than the overlap ago. */
export const overAmong = <K extends Aged>(keys: readonly K[], now: number, publishAheadMs: number): K[] =>
  keys.filter((_key, at) => {
    const next = keys[at + 1];
    return next !== undefined && next.createdAt + publishAheadMs + OVERLAP_MS <= now;
  });
