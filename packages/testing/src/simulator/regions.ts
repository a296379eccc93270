import type { Region } from '@agentmix/act-contract';
import type { Random } from './random.ts';
import { HOSTILE_TEXTS } from './texts.ts';

/** Few files, so that many meet: ranges, whole files, and patterns over both. */
export const anyRegion = (random: Random): Region => {
  if (random.chance(0.1)) return { pattern: random.pick(['src/**', 'src/{1,2}.ts', 'docs/*']) };
  const path = random.chance(0.05) ? random.pick(HOSTILE_TEXTS) : `src/${random.below(5)}.ts`;
  if (random.chance(0.2)) return { path };
  const ranges = [{ start: 1 + random.below(60), lines: random.below(9) }];
  return { path, ranges, ...(random.chance(0.3) ? { baseHash: random.pick(['aa', 'bb']) } : {}) };
};
