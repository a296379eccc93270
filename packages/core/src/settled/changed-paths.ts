import { compileGlob } from '@agentmix/act-contract';

/** Pairs of characters that one report may compare: some 0.1 s. What is left then counts as not changed. */
const COMPARED_MAX = 10_000_000;
/** Alternatives that one pattern may hold. */
const EXPANSIONS = 32;

/** How much may still be compared, over all commits of a report. */
export interface Effort {
  left: number;
}
export const makeEffort = (): Effort => ({ left: COMPARED_MAX });

const isPattern = (path: string): boolean => /[*?{]/.test(path);

/**
 * Whether a commit that changed these paths changed what a path or pattern names. Many tasks name the same patterns:
 * each is tried once.
 */
export const changedPaths = (paths: readonly string[], effort: Effort): ((named: string) => boolean) => {
  const all = new Set(paths);
  const chars = paths.reduce((sum, { length }) => sum + length, 0);
  const known = new Map<string, boolean>();
  return (named) => {
    if (all.has(named)) return true;
    if (chars === 0 || effort.left < 0 || !isPattern(named)) return false;
    const before = known.get(named);
    if (before !== undefined) return before;
    effort.left -= named.length * chars * (named.includes('{') ? EXPANSIONS : 1);
    const isChanged = effort.left >= 0 && paths.some(compileGlob(named));
    known.set(named, isChanged);
    return isChanged;
  };
};
