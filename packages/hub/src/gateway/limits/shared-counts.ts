import type { Whispers } from '@agentmix/act-core';
import type { RateLimiter } from './rate-limiter.ts';

const TOPIC = 'counts';
/** Of one limit in one message: some 50 KB. */
const KEYS_MAX = 1_000;

type Counts = Readonly<Record<string, unknown>>;

const parse = (text: string): Counts => {
  try {
    const counts: unknown = JSON.parse(text);
    return typeof counts === 'object' && counts !== null ? (counts as Counts) : {};
  } catch {
    return {};
  }
};

const hearAll = (limiter: Pick<RateLimiter, 'hear'>, counts: unknown): void => {
  if (!Array.isArray(counts)) return;
  for (const count of counts.slice(0, KEYS_MAX)) {
    const [key, points] = Array.isArray(count) ? (count as unknown[]) : [];
    if (typeof key === 'string' && Number.isSafeInteger(points) && Number(points) > 0)
      limiter.hear(key, Number(points));
  }
};

/** Hubs tell each other what they granted, a few times a second and beside all calls: none waits to be counted. */
export const shareCounts = (
  whispers: Whispers,
  limiters: Readonly<Record<string, Pick<RateLimiter, 'tell' | 'hear'>>>,
): void =>
  whispers.add(TOPIC, {
    tell: () => {
      const told = Object.entries(limiters)
        .map(([name, limiter]) => [name, limiter.tell(KEYS_MAX)] as const)
        .filter(([, counts]) => counts.length > 0);
      return told.length === 0 ? undefined : JSON.stringify(Object.fromEntries(told));
    },
    hear: (text) => {
      const counts = parse(text);
      for (const [name, limiter] of Object.entries(limiters)) hearAll(limiter, counts[name]);
    },
  });
