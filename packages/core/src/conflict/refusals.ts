import { CONTENTION_MS, CONTENTION_REFUSALS } from '@agentmix/act-contract';
import type { ConflictState } from '../state.ts';

/** Memory is bounded by this: some 1 MB a project at the most. */
const PLACES_MAX = 4_096;

/** What sessions were refused lately. A refusal leaves no event: this is forgotten with the process. */
export interface Refusals {
  /** Times by the commands that were refused, by who wanted what of whom, the longest silent first. */
  readonly refused: Map<string, Map<string, number>>;
}

/** Contentions that were raised lately: the log’s newest records bring them back. */
export interface Contentions {
  readonly contended: Map<string, number>;
}

/** Puts an entry last and forgets the first ones beyond the limit. */
const keep = <T>(map: Map<string, T>, key: string, value: T): void => {
  map.delete(key);
  map.set(key, value);
  for (const oldest of map.keys()) {
    if (map.size <= PLACES_MAX) return;
    map.delete(oldest);
  }
};

/** The same for the same pair in either order, and the same file or pattern. */
const keyOf = (agents: readonly string[], place: string): string =>
  JSON.stringify([...agents.toSorted(), place]);

/**
 * Notes that a command was refused a place that another agent has; says whether it was one time too many. A command
 * that comes again, because its batch was not committed, counts once.
 */
export const noteRefusal = (
  { refused }: Refusals,
  { agents, place, commandId }: { agents: readonly string[]; place: string; commandId: string },
  now: number,
): boolean => {
  const key = JSON.stringify([...agents, place]);
  const fresh = [...(refused.get(key) ?? [])].filter(([, at]) => now - at < CONTENTION_MS);
  const times = new Map(fresh).set(commandId, now);
  keep(refused, key, times);
  if (times.size < CONTENTION_REFUSALS) return false;
  refused.delete(key);
  return true;
};

/** Notes that a contention was raised. */
export const noteContention = (
  { contended }: Contentions,
  agents: readonly string[],
  place: string,
  at: number,
): void => keep(contended, keyOf(agents, place), at);

/** Whether the pair’s contention about the place is open, or was raised after this time. */
export const isContended = (
  conflicts: Iterable<ConflictState>,
  { contended }: Contentions,
  agents: readonly string[],
  place: string,
  since: number,
): boolean => {
  const key = keyOf(agents, place);
  if ((contended.get(key) ?? 0) > since) return true;
  for (const { type, agents: others, place: where = '' } of conflicts)
    if (type === 'resource_contention' && keyOf(others, where) === key) return true;
  return false;
};
