import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { testGit } from '../../test/take.ts';
import { temporaryRepository } from '../../test/temporary-repository.ts';
import { openRepository } from '../index.ts';
import { watchFolder } from './folder-events.ts';

const WAIT_MS_MAX = 10_000;

it('tells of changes in folders that were made faster than it could follow, once it is renewed', async () => {
  const project = temporaryRepository();
  let count = 0;
  const events = await watchFolder(testGit, await openRepository(testGit, project.root), () => count++);
  try {
    const folders = Array.from({ length: 10 }, (_, at) => `deep-${at}/b/c/d`);
    for (const folder of folders) mkdirSync(join(project.root, folder), { recursive: true });
    while (!(await events.renew())) await delay(50);
    await delay(500);
    for (const folder of folders) {
      const before = count;
      project.write(`${folder}/file`, folder);
      const end = performance.now() + WAIT_MS_MAX;
      while (count === before && performance.now() < end) await delay(20);
      expect(count).toBeGreaterThan(before);
      // The library waits up to half a second before it tells more.
      await delay(600);
    }
  } finally {
    await events.close();
    project.delete();
  }
});
