import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { scoreRangeRule } from './range-rule.ts';

const pair = (isConflict: boolean, ...files: unknown[]): string =>
  JSON.stringify({ k: 'p', c: isConflict ? 1 : 0, f: files });

it('scores warnings from ranges against the merges that were made', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'act-bench-'));
  const rows = [
    pair(true, ['a', 'M', 'M', [5, 1, 1], [5, 0, 2], 'contents']),
    pair(true, ['a', 'M', 'M', [5, 1, 1], [50, 1, 1], 'contents']),
    pair(false, ['a', 'M', 'M', [1, 1, 1, 5, 2, 1], [6, 1, 2], 0]),
    pair(false, ['a', 'M', 'M', [5, 1, 1], [5, 1, 1], 0, 1]),
    pair(false, ['a', 'M', 'M', null, null, 0, 1], ['b', 'D', 'D', null, null, 0, 1]),
    pair(true, ['a', 'D', 'M', null, [1, 1, 1], 'modify/delete']),
    pair(false),
  ];
  try {
    const file = join(folder, 'pairs.jsonl');
    await writeFile(file, rows.join('\n'));
    const { pairs, merges, fileLockPairs } = await scoreRangeRule(file);
    expect(pairs).toEqual({
      scenarios: 7,
      conflicting: 3,
      precision: 2 / 3,
      recall: 2 / 3,
      blockedForNothing: 1 / 4,
    });
    expect(fileLockPairs.recall).toBe(1);
    expect(merges.scenarios).toBe(0);
  } finally {
    await rm(folder, { recursive: true });
  }
});
