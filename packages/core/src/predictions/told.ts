import type { PredictedConflict } from './predictions.ts';

/** The conflicts that were told and not withdrawn: of each pair of worktrees, by path. */
export type ToldConflicts = Map<string, Map<string, PredictedConflict>>;

/** Keys hold no space. */
const pairOf = (one: string, other: string): string => (one < other ? `${one} ${other}` : `${other} ${one}`);

const NONE: ReadonlyMap<string, PredictedConflict> = new Map();

export const toldBetween = (
  told: ToldConflicts,
  one: string,
  other: string,
): ReadonlyMap<string, PredictedConflict> => told.get(pairOf(one, other)) ?? NONE;

export const addTold = (told: ToldConflicts, conflict: PredictedConflict): void => {
  const pair = pairOf(...conflict.worktrees);
  const paths = told.get(pair);
  if (paths) paths.set(conflict.path, conflict);
  else told.set(pair, new Map([[conflict.path, conflict]]));
};

export const dropTold = (
  told: ToldConflicts,
  { worktrees, path }: Pick<PredictedConflict, 'worktrees' | 'path'>,
): void => {
  const pair = pairOf(...worktrees);
  const paths = told.get(pair);
  paths?.delete(path);
  if (paths?.size === 0) told.delete(pair);
};
