import { describe, expect, it } from 'vitest';
import { compileGlob, globsMeet } from './glob.ts';

describe('path patterns', () => {
  it.each([
    ['src/*.ts', 'src/a.ts', true],
    ['src/*.ts', 'src/a/b.ts', false],
    ['src/**', 'src/a/b.ts', true],
    ['src/**/b.ts', 'src/b.ts', true],
    ['**/b.ts', 'x/y/b.ts', true],
    ['**', 'anything/at/all', true],
    ['src/?.ts', 'src/é.ts', true],
    ['src/?.ts', 'src/😀.ts', true],
    ['src/?.ts', 'src/ab.ts', false],
    ['src/{a,b}.{ts,js}', 'src/b.js', true],
    ['src/{a,b}.{ts,js}', 'src/c.js', false],
    ['src/[ab].ts', 'src/a.ts', false],
    ['src/[ab].ts', 'src/[ab].ts', true],
    ['a*b*c', 'a--b--b--c', true],
    ['a**b', 'axxb', true],
    ['', '', true],
    ['*', '', true],
    ['.*', 'a', false],
  ])('%s and %s: %s', (pattern, path, isMatch) => {
    expect(compileGlob(pattern)(path)).toBe(isMatch);
  });

  it('takes alternatives beyond the 32nd as text', () => {
    expect(compileGlob('{a,b}{a,b}{a,b}{a,b}{a,b}')('ababa')).toBe(true);
    expect(compileGlob('{a,b}'.repeat(6))(`ababa{a,b}`)).toBe(true);
  });

  it('needs time in proportion to pattern times path, whatever the pattern', () => {
    for (const pattern of [
      '*a'.repeat(250),
      `${'*a'.repeat(249)}b`,
      '**/'.repeat(166),
      `${'{a,b}'.repeat(99)}*`,
    ]) {
      const started = process.cpuUsage();
      for (const path of ['a'.repeat(500), 'a/'.repeat(250)]) compileGlob(pattern)(path);
      expect([pattern, process.cpuUsage(started).user < 500_000]).toEqual([pattern, true]);
    }
  });
});

describe('two patterns', () => {
  it.each([
    ['src/**', 'src/a.ts', true],
    ['src/*.ts', 'src/a*', true],
    ['src/*.ts', 'src/*.js', false],
    ['**/b.ts', 'src/**', true],
    ['src/**', 'docs/**', false],
    ['*a*', '*b*', true],
    ['a?', 'ab', true],
    ['a?', 'a', false],
    ['{a,b}/*', 'b/c', true],
    ['{a,b}/*', 'c/*', false],
    ['**', '', true],
  ])('%s and %s meet: %s', (a, b, isMeeting) => {
    expect(globsMeet(a, b)).toBe(isMeeting);
    expect(globsMeet(b, a)).toBe(isMeeting);
  });
});
