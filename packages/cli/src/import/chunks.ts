import { PLAN_BYTES_MAX, PLAN_ITEMS_MAX } from '@agentmix/act-contract';
import type { WirePhase, WirePlan, WireTask } from './wire-plan.ts';

/** The hub's limit of a plan's body, with room for what surrounds the items. */
const CHUNK_BYTES_MAX = PLAN_BYTES_MAX - 65_536;

export interface Chunk {
  readonly phases: readonly WirePhase[];
  readonly tasks: readonly WireTask[];
}

const bytesOf = (item: object): number => Buffer.byteLength(JSON.stringify(item)) + 1;

const pieces = <T extends object>(items: readonly T[]): T[][] => {
  const all: T[][] = [];
  let bytes = Infinity;
  for (const item of items) {
    const size = bytesOf(item);
    const last = all.at(-1);
    if (!last || last.length >= PLAN_ITEMS_MAX || bytes + size > CHUNK_BYTES_MAX) {
      all.push([item]);
      bytes = size;
    } else {
      last.push(item);
      bytes += size;
    }
  }
  return all;
};

/**
 * Cuts a plan into commands. One that fits is one command, all or nothing. Else all phases go first, so that no phase is
 * complete before its last task has come, then the tasks in order: a chunk refers to itself and earlier ones only.
 */
export const chunksOf = ({ phases, tasks }: WirePlan): Chunk[] => {
  const items = [...phases, ...tasks];
  const bytes = items.reduce((sum, item) => sum + bytesOf(item), 0);
  if (items.length <= PLAN_ITEMS_MAX && bytes <= CHUNK_BYTES_MAX) return [{ phases, tasks }];
  return [
    ...pieces(phases).map((piece) => ({ phases: piece, tasks: [] })),
    ...pieces(tasks).map((piece) => ({ phases: [], tasks: piece })),
  ];
};
