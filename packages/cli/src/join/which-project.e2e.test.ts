import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeJoinedWorld } from '../../test/joined-world.ts';
import { git, makeRepository } from '../../test/repository.ts';

it(
  'joins clones and worktrees of a repository to one project, and another of the same name to its own',
  { timeout: 120_000 },
  async () => {
    const world = await makeJoinedWorld();
    try {
      const { folder, repository, worktree } = world;
      const { projectId } = await world.actJson(repository, 'join', 'other');
      expect(await world.actJson(worktree, 'join', 'other')).toMatchObject({ projectId });
      const clone = join(folder, 'copy');
      await git(folder, 'clone', repository, clone);
      expect(await world.actJson(clone, 'join', 'other')).toMatchObject({ projectId, name: 'shop' });

      const namesake = await makeRepository(join(folder, 'elsewhere', 'shop'), { 'a.txt': 'other\n' });
      const other = await world.actJson(namesake, 'join', 'other');
      expect(other).toMatchObject({ name: 'shop' });
      expect(other['projectId']).not.toBe(projectId);

      // On another machine nothing is known but what the hub tells.
      const elsewhere = { ...world.env, HOME: join(folder, 'home-b') };
      const again = await world.actAs(elsewhere, clone, 'join', 'other');
      expect(again).toMatchObject({ projectId });
    } finally {
      await world.stop();
    }
  },
);
