import { compileGlob } from '@agentmix/act-contract';

/** Patterns that general matchers take seconds or gigabytes for; all within the contract's 500 characters. */
export const globBombs = (): string[] => {
  const repeated = [
    '*a',
    '**/',
    '?*',
    '{a,b}',
    '{a,{b,',
    '[a-z]*',
    '*?*',
    '(*)',
    '!(a|',
    '+(a)',
    '@(*)/',
    '{1..9}',
    'a**',
    '**a/',
    '\\*',
  ];
  const bombs = repeated.flatMap((piece) =>
    [2, 8, 20, 40, 80, 120, 160, 200, 250, 500].flatMap((count) => {
      const text = piece.repeat(count).slice(0, 499);
      return [text, `${text}b`];
    }),
  );
  return bombs.map((text) => text.slice(0, 500));
};

const PATHS = [
  'a'.repeat(500),
  'a/'.repeat(250),
  `${'a'.repeat(499)}b`,
  'ab/'.repeat(166),
  'aaaa/bbbb/'.repeat(50),
];

/** Milliseconds of a run without interruption: the fastest of some. */
const fastest = (runs: number, work: () => void): number => {
  const times = Array.from({ length: runs }, () => {
    const started = performance.now();
    work();
    return performance.now() - started;
  });
  return Math.min(...times);
};

const timeOf = (length: number): number => {
  const matches = compileGlob(`${'*a'.repeat(length / 2)}b`);
  const path = 'a'.repeat(length);
  return fastest(15, () => matches(path));
};

/** The longest that any bomb takes on any path, and how it grows when pattern and path are twice as long. */
export const timeGlobs = (): { readonly msMax: number; readonly growth: number } => {
  let msMax = 0;
  for (const bomb of globBombs()) {
    const matches = compileGlob(bomb);
    for (const path of PATHS)
      msMax = Math.max(
        msMax,
        fastest(3, () => matches(path)),
      );
  }
  return { msMax, growth: timeOf(8_000) / timeOf(4_000) };
};
