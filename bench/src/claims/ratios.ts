import { median } from '../measure/index.ts';
import type { Report } from '../measure/index.ts';

/** The hub with 256 callers on one project ÷ each baseline, tasks per second: medians of the ratios within a round. */
export interface ClaimRatios {
  ratioToNaive?: number;
  ratioToSamePromises?: number;
  ratioToGraphileBatched?: number;
  ratioToPgBossSingle?: number;
}

const HOT = 'act: one hot project, 256 callers';
const BASELINES = {
  ratioToNaive: 'naive:',
  ratioToSamePromises: 'same promises: a transaction',
  ratioToGraphileBatched: 'graphile-worker',
  ratioToPgBossSingle: 'pg-boss',
} as const;

export function claimRatios({ cases }: Report): ClaimRatios {
  const roundsOf = (start: string) => cases.find(({ name }) => name.startsWith(start))?.rounds;
  const own = roundsOf(HOT);
  const ratios: ClaimRatios = {};
  for (const [field, start] of Object.entries(BASELINES) as [keyof ClaimRatios, string][]) {
    const other = roundsOf(start);
    if (own && other)
      ratios[field] = median(own.map(({ perSecond }, round) => perSecond / (other[round]?.perSecond ?? NaN)));
  }
  return ratios;
}
