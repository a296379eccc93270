import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hunksSinceCommit, inBase } from './base-lines.ts';
import type { LineRange } from './lines.ts';

let top: string;
const git = (...words: string[]): unknown =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...words], {
    cwd: top,
    stdio: 'ignore',
  });
const numbered = (count: number): string[] => Array.from({ length: count }, (_, at) => `line ${at + 1}`);

beforeAll(() => {
  top = mkdtempSync(join(tmpdir(), 'act-base-'));
  git('init', '-b', 'main');
  const text = numbered(20).join('\n');
  for (const name of ['a.txt', 'clean.txt', 'a name.txt', 'über.txt']) writeFileSync(join(top, name), text);
  git('add', '.');
  git('commit', '-m', 'first');
  const now = numbered(20);
  now[17] = 'changed 18';
  now.splice(9, 2);
  now.splice(2, 0, 'new a', 'new b');
  // Now: 1 2 a b 3…9 12…17 C18 19 20: two lines in after 2, 10 and 11 out, 18 changed.
  for (const name of ['a.txt', 'a name.txt', 'über.txt']) writeFileSync(join(top, name), now.join('\n'));
  writeFileSync(join(top, 'untracked.txt'), 'x\n');
});
afterAll(() => rmSync(top, { recursive: true }));

const map = async (path: string, start: number, lines: number): Promise<LineRange> =>
  inBase({ start, lines }, (await hunksSinceCommit(top, [path])).get(path) ?? []);

describe('lines of a file that was changed since the last commit, in the lines of that commit', () => {
  it.each([
    ['before every change', 1, 2, 1, 2],
    ['behind an insertion', 5, 2, 3, 2],
    ['behind a deletion', 12, 1, 12, 1],
    ['that are not committed yet', 3, 2, 2, 0],
    ['of which one is not committed yet', 3, 1, 2, 0],
    ['across an insertion', 2, 3, 2, 1],
    ['across a deletion', 11, 2, 9, 4],
    ['that were changed', 18, 1, 18, 1],
    ['at the end', 20, 1, 20, 1],
  ])('are found %s', (_what, start, lines, baseStart, baseLines) =>
    expect(map('a.txt', start, lines)).resolves.toEqual({ start: baseStart, lines: baseLines }),
  );
  it('are a place for an insertion, and the lines that were taken out where it is in their place', async () => {
    await expect(map('a.txt', 6, 0)).resolves.toEqual({ start: 4, lines: 0 });
    await expect(map('a.txt', 11, 0)).resolves.toEqual({ start: 10, lines: 2 });
  });
  it.each(['a name.txt', 'über.txt'])('are found in a file that is called %s', (name) =>
    expect(map(name, 5, 2)).resolves.toEqual({ start: 3, lines: 2 }),
  );
  it.each(['clean.txt', 'untracked.txt', 'gone.txt'])('are those of the file itself in %s', (name) =>
    expect(map(name, 5, 2)).resolves.toEqual({ start: 5, lines: 2 }),
  );
  it('are those of the file itself outside of any repository', async () =>
    expect((await hunksSinceCommit(tmpdir(), ['a.txt'])).size).toBe(0));
});
