import type { Random } from './random.ts';

/** Texts that break what is careless: quotes, escapes, separators, names of Object.prototype, looks like JSON or SQL. */
export const HOSTILE_TEXTS = [
  'constructor',
  '__proto__',
  'toString',
  '"quoted" \\back\\slash\\',
  '{"taskId":"x","epoch":1}',
  "'); drop table act.tasks; --",
  '\u2028line\u2029separators',
  '😀👩‍👩‍👧‍👦',
  '\u202eright to left',
  ' \t\n leading',
  '${process.env}',
  '<script>alert(1)</script>',
  'null',
  '0',
  '%s %d \\u0041 {} []',
] as const;

export const anyText = (random: Random, plain: string): string =>
  random.chance(0.15) ? random.pick(HOSTILE_TEXTS) : `${plain} ${random.below(100)}`;

/** A long text whose cut at any even or odd place splits a pair of surrogates. */
export const longText = (random: Random, charsMax: number): string =>
  'a'.repeat(random.below(2)) + '😀'.repeat(charsMax / 2 - 1);
