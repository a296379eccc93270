import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openForTest, testGit } from '../../test/take.ts';
import { temporaryRepository } from '../../test/temporary-repository.ts';
import { trimScratch } from './trim-scratch.ts';

const HOUR_MS = 3_600_000;

it('removes versions that no snapshot has any longer, and leaves whole what one has', async () => {
  const repository = temporaryRepository();
  repository.write('kept.txt', 'committed\n');
  repository.commit();
  const opened = await openForTest(repository.root);
  const { objects } = opened.scratch;
  const call = { directory: repository.root, env: opened.scratch.environmentFor(opened.repository) };
  const trim = (tree: string, now: number) => trimScratch(testGit, call, { objects, roots: [tree], now });
  const count = () =>
    readdirSync(objects).reduce((all, one) => all + readdirSync(join(objects, one)).length, 0);
  try {
    for (let version = 0; version < 10; version++) {
      repository.write('log/growing.txt', `${version}\n`);
      await opened.snapshot();
    }
    const { tree } = await opened.snapshot();
    const before = count();
    expect(await trim(tree, Date.now())).toBe(0);
    // Of nine versions each the file, its folder and the tree.
    expect(await trim(tree, Date.now() + HOUR_MS)).toBe(27);
    expect(count()).toBe(before - 27);
    expect(opened.contentOf(tree, 'log/growing.txt')).toBe('9');
    expect((await opened.snapshot()).tree).toBe(tree);
    repository.write('log/growing.txt', '3\n');
    const back = await opened.snapshot();
    expect(opened.contentOf(back.tree, 'log/growing.txt')).toBe('3');
  } finally {
    await opened.scratch.close();
    repository.delete();
  }
});
