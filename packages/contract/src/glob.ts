/**
 * Path patterns of the hub’s own small grammar: `*` (within a segment), `**` (whole segments), `?`, and `{a,b}`
 * (nested braces are literal text). Matching is linear in pattern × path: general-purpose matchers hang for
 * seconds on hostile patterns such as twenty `*a` in a row.
 */
const EXPANSIONS_MAX = 32;

/** Expands `{a,b}` into plain patterns, at most 32; further alternatives are literal. */
const expand = (pattern: string): string[] => {
  let done = [''];
  let rest = pattern;
  for (;;) {
    const match = /\{([^{}]*,[^{}]*)\}/.exec(rest);
    const options = match?.[1]?.split(',') ?? [];
    if (!match || done.length * options.length > EXPANSIONS_MAX) return done.map((prefix) => prefix + rest);
    const before = rest.slice(0, match.index);
    done = done.flatMap((prefix) => options.map((option) => prefix + before + option));
    rest = rest.slice(match.index + match[0].length);
  }
};

/** Two-pointer wildcard match of any sequence: on mismatch it retries only from the last star. */
const matchSequence = <T>(
  pattern: readonly T[],
  value: readonly T[],
  isStar: (p: T) => boolean,
  same: (p: T, v: T) => boolean,
): boolean => {
  let p = 0;
  let v = 0;
  let star = -1;
  let resume = 0;
  while (v < value.length) {
    const wanted = pattern[p];
    const found = value[v];
    if (wanted !== undefined && isStar(wanted)) {
      star = p++;
      resume = v;
    } else if (wanted !== undefined && found !== undefined && same(wanted, found)) {
      p++;
      v++;
    } else if (star >= 0) {
      p = star + 1;
      v = ++resume;
    } else return false;
  }
  while (p < pattern.length && isStar(pattern[p] as T)) p++;
  return p === pattern.length;
};

/** Its characters; `?` stands for one of them. */
type Segment = readonly string[];

const segmentsOf = (path: string): Segment[] => path.split('/').map((segment) => Array.from(segment));

const isAnySegments = ({ length, 0: first, 1: second }: Segment): boolean =>
  length === 2 && first === '*' && second === '*';

const segmentMatches = (pattern: Segment, segment: Segment): boolean =>
  matchSequence(
    pattern,
    segment,
    (p) => p === '*',
    (p, v) => p === '?' || p === v,
  );

/** A predicate for relative paths with `/` between segments. */
export const compileGlob = (pattern: string): ((path: string) => boolean) => {
  const alternatives = expand(pattern).map(segmentsOf);
  return (path) => {
    const segments = segmentsOf(path);
    return alternatives.some((wanted) => matchSequence(wanted, segments, isAnySegments, segmentMatches));
  };
};

/** Whether some sequence fits both patterns: each pair of positions is looked at once. */
const sequencesMeet = <T>(
  a: readonly T[],
  b: readonly T[],
  isStar: (item: T) => boolean,
  meet: (one: T, other: T) => boolean,
): boolean => {
  let row = Array.from({ length: b.length + 1 }, (_, at) => b.slice(0, at).every(isStar));
  for (const one of a) {
    const next = [isStar(one) && row[0] === true];
    for (const [at, other] of b.entries()) {
      const isAbove = row[at + 1] === true;
      const isLeft = next[at] === true;
      const isAnyStar = isStar(one) || isStar(other);
      next.push(isAnyStar ? isAbove || isLeft : row[at] === true && meet(one, other));
    }
    row = next;
  }
  return row[b.length] === true;
};

const segmentsMeet = (a: Segment, b: Segment): boolean =>
  sequencesMeet(
    a,
    b,
    (item) => item === '*',
    (one, other) => one === '?' || other === '?' || one === other,
  );

/** Whether some path fits both patterns. */
export const globsMeet = (a: string, b: string): boolean => {
  const others = expand(b).map(segmentsOf);
  return expand(a)
    .map(segmentsOf)
    .some((one) => others.some((other) => sequencesMeet(one, other, isAnySegments, segmentsMeet)));
};
