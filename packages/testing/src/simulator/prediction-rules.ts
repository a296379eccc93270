import type { FramedEvent } from '@agentmix/act-contract';
import type { Model, ModelWorktree } from './model.ts';
import { insist } from './violation.ts';

type Of<T extends FramedEvent['type']> = Extract<FramedEvent, { type: T }>;

export const reported = (model: Model, { agentId = '', data }: Of<'worktree.reported'>): void => {
  const { sessionId, worktree, since, files, gone, merges } = data;
  const earlier = model.worktrees.get(worktree.key);
  // Its session may have ended in the same record.
  const known = model.sessions.get(earlier?.sessionId ?? '')?.isLive === true ? earlier : undefined;
  insist(model.sessions.get(sessionId)?.isLive === true, () => `${worktree.key} of a dead session`);
  insist(known === undefined || known.sessionId === sessionId, () => `${worktree.key} changes hands`);
  insist(since === undefined || known?.tree === since, () => `${worktree.key} changes what is not there`);
  const all = new Map(since === undefined ? undefined : known?.files);
  for (const path of gone) all.delete(path);
  for (const file of files) all.set(file.path, file);
  model.worktrees.set(worktree.key, { sessionId, agentId, tree: worktree.tree, files: all, merges });
};

const causeOf = ({ worktrees, path }: Of<'conflict.predicted'>['data']): string =>
  [...worktrees, path].join(' ');

export const predicted = (model: Model, { data }: Of<'conflict.predicted'>): void => {
  insist(!model.predictions.has(causeOf(data)), () => `${causeOf(data)} was told twice`);
  model.predictions.add(causeOf(data));
};
export const withdrawn = (model: Model, { data }: Of<'conflict.withdrawn'>): void =>
  insist(model.predictions.delete(causeOf(data)), () => `${causeOf(data)} withdrawn, but it did not stand`);

/** Where one-line edits of the simulation collide by definition: lines that are the same or next to each other. */
const collidingPaths = (one: ModelWorktree, other: ModelWorktree): string[] =>
  [...one.files.values()].flatMap((file) => {
    const there = other.files.get(file.path);
    if (!there) return [];
    const gone = [file, there].filter(({ status }) => status === 'deleted').length;
    const touch = (file.hunks ?? []).some((hunk) =>
      (there.hunks ?? []).some(({ start }) => Math.abs(start - hunk.start) <= 1),
    );
    return gone === 1 || (gone === 0 && touch) ? [file.path] : [];
  });

const conflictsOf = (
  [key, one]: [string, ModelWorktree],
  [otherKey, other]: [string, ModelWorktree],
): string[] => {
  const exact =
    one.merges.find((merge) => merge.key === otherKey && merge.tree === other.tree) ??
    other.merges.find((merge) => merge.key === key && merge.tree === one.tree);
  const paths = exact?.paths ?? collidingPaths(one, other);
  return paths.map((path) => [...[key, otherKey].sort(), path].join(' '));
};

/** After each record: no worktree outlives its session, and exactly the conflicts between them stand. */
export const checkPredictions = (model: Model): void => {
  for (const [key, { sessionId }] of model.worktrees)
    if (model.sessions.get(sessionId)?.isLive !== true) model.worktrees.delete(key);
  const all = [...model.worktrees];
  const wanted = new Set(
    all.flatMap((one, at) =>
      all
        .slice(at + 1)
        .flatMap((other) => (one[1].agentId === other[1].agentId ? [] : conflictsOf(one, other))),
    ),
  );
  const isAllTold = [...wanted].every((cause) => model.predictions.has(cause));
  insist(
    isAllTold && wanted.size === model.predictions.size,
    () => `predicted: ${[...model.predictions].sort().join()}; there are: ${[...wanted].sort().join()}`,
  );
};

/** When all sessions are over nothing can conflict. */
export const checkNothingPredicted = (model: Model): void =>
  insist(
    model.predictions.size === 0,
    () => `${model.predictions.size} conflicts between nobody’s worktrees`,
  );
