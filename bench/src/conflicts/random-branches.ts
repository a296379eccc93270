import type { Random } from '@agentmix/act-testing';

/** Files by path; each is a list of lines. */
export type Files = ReadonlyMap<string, readonly string[]>;

export interface Branches {
  readonly base: Files;
  readonly left: Files;
  readonly right: Files;
}

type Edit = (files: Map<string, string[]>) => void;

/** Lines that occur again and again, as in programs: a diff has to choose which of them stayed. */
const COMMON_LINES: readonly [string, ...string[]] = ['', '}', '  }', '  return', 'end', '  });', '{'];

const makeLine = (random: Random): string =>
  random.chance(0.35) ? random.pick(COMMON_LINES) : `line ${random.below(1_000_000)}`;
const makeLines = (random: Random, count: number): string[] =>
  Array.from({ length: count }, () => makeLine(random));

const makeEdit = (random: Random, paths: readonly [string, ...string[]]): Edit => {
  const path = random.pick(paths);
  const place = random.next();
  const kind = random.below(20);
  const fresh = makeLines(random, 1 + random.below(6));
  const removed = random.below(5);
  return (files) => {
    const lines = files.get(path);
    if (!lines) return;
    const at = Math.floor(place * (lines.length + 1));
    if (kind === 0) files.delete(path);
    else if (kind === 1) files.set(`new-${at % 3}`, fresh);
    else if (kind === 2) {
      files.delete(path);
      files.set(`moved-${at % 4}-${path}`, lines);
    } else if (kind < 9) lines.splice(at, 0, ...fresh);
    else lines.splice(at, removed, ...(kind < 12 ? [] : fresh));
  };
};

const applied = (base: Files, edits: readonly Edit[]): Files => {
  const files = new Map([...base].map(([path, lines]) => [path, [...lines]]));
  for (const edit of edits) edit(files);
  return files;
};

/**
 * Two branches of a small project. Some edits are made on both sides, as when two agents fix the same thing; files
 * are short, so that edits meet often.
 */
export const randomBranches = (random: Random): Branches => {
  const paths: [string, ...string[]] = ['a', 'b', 'src/c', 'src/d'];
  const base = new Map(paths.map((path) => [path, makeLines(random, 20 + random.below(100))]));
  const edits = (): Edit[] => Array.from({ length: 1 + random.below(4) }, () => makeEdit(random, paths));
  const shared = random.chance(0.3) ? edits().slice(0, 1) : [];
  return {
    base,
    left: applied(base, [...shared, ...edits()]),
    right: applied(base, [...shared, ...edits()]),
  };
};
