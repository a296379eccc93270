import type { CommandArguments } from '@agentmix/act-contract';
import { session } from './choose-id.ts';
import type { Random } from './random.ts';
import type { Actor, World } from './world.ts';

type Report = CommandArguments<'worktree.report'>;

const PATHS = ['src/0.ts', 'src/1.ts', 'src/2.ts', 'src/3.ts'] as const;

const anyChange = (random: Random, path: string): NonNullable<Report['files']>[number] =>
  random.chance(0.15)
    ? { path, status: 'deleted' }
    : { path, status: 'modified', hunks: [{ start: 1 + random.below(6), length: 1, newLength: 1 }] };

const treeOf = (random: Random): string => `${random.below(4)}`;

/** Few worktrees with few files and trees, so that they meet; the session’s own, rarely another’s. */
export const anyReport = (world: World, actor: Actor): Report => {
  const { random, model } = world;
  const sessionId = session(world, actor);
  const own = [...model.worktrees].filter(([, known]) => known.sessionId === sessionId);
  const [key, known] = (random.chance(0.9) ? random.maybe(own) : random.maybe([...model.worktrees])) ?? [
    `worktree-${random.below(8)}`,
  ];
  const other = random.maybe([...model.worktrees].filter(([name]) => name !== key));
  const since = random.chance(0.6) ? (random.chance(0.95) ? known?.tree : treeOf(random)) : undefined;
  return {
    sessionId,
    worktree: {
      key,
      tree: treeOf(random),
      ...(random.chance(0.3) ? { branch: 'work', machine: 'here' } : {}),
    },
    ...(since === undefined ? {} : { since }),
    files: random.some(PATHS, 3).map((path) => anyChange(random, path)),
    gone: since === undefined ? [] : random.some(PATHS, 2),
    ...(other && random.chance(0.4)
      ? { merges: [{ key: other[0], tree: other[1].tree, paths: random.some(PATHS, 2) }] }
      : {}),
    ...(random.chance(0.1) ? { omitted: 1 + random.below(9) } : {}),
  };
};
