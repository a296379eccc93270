import { isDeepStrictEqual } from 'node:util';
import { derivedOf, emptyState, imageOf, restore } from '@agentmix/act-core';
import type { ProjectState } from '@agentmix/act-core';
import { foldRecords } from '../records.ts';
import { isOpen } from './model.ts';
import type { Model } from './model.ts';
import { insist } from './violation.ts';
import type { World } from './world.ts';

const firstDifference = (a: unknown, b: unknown, path = ''): string => {
  if (isDeepStrictEqual(a, b)) return '';
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return `${path}: ${JSON.stringify(a)} ≠ ${JSON.stringify(b)}`;
  const left = new Map(Object.entries(a));
  const right = new Map(Object.entries(b));
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const found = firstDifference(left.get(key), right.get(key), `${path}/${key}`);
    if (found) return found;
  }
  return `${path}: same fields, other kinds`;
};

const insistSame = (what: string, a: unknown, b: unknown): void =>
  insist(isDeepStrictEqual(a, b), () => `${what} differ at ${firstDifference(a, b)}`);

const compareStates = (what: string, a: ProjectState, b: ProjectState): void => {
  insistSame(`${what}: images`, imageOf(a), imageOf(b));
  insistSame(`${what}: derived structures`, derivedOf(a), derivedOf(b));
};

/** Longest way to the end in minutes and most urgent priority, by their definitions, over the model. */
const checkOrder = (model: Model, state: ProjectState): void => {
  const dependents = new Map<string, string[]>();
  for (const task of model.tasks.values()) {
    if (!isOpen(task)) continue;
    for (const id of task.dependencies) dependents.set(id, [...(dependents.get(id) ?? []), task.id]);
  }
  const known = new Map<string, { level: number; urgency: number }>();
  const orderOf = (id: string): { level: number; urgency: number } => {
    const done = known.get(id);
    if (done) return done;
    const task = model.tasks.get(id);
    const after = (dependents.get(id) ?? []).map(orderOf);
    const order = {
      level: (task?.minutes ?? 0) + Math.max(0, ...after.map(({ level }) => level)),
      urgency: Math.min(task?.priority ?? 9, ...after.map(({ urgency }) => urgency)),
    };
    known.set(id, order);
    return order;
  };
  for (const [id, { level, urgency }] of state.tasks)
    insistSame(`level and urgency of ${id}`, { level, urgency }, orderOf(id));
};

const checkChain = async (world: World): Promise<void> => {
  const read = await world.store.readLog(world.projectId, 0, Number.MAX_SAFE_INTEGER);
  const kept = world.archive.slice(world.archive.length - (read?.records.length ?? 0));
  insistSame('the log and what was committed', read?.records, kept);
  insist(read?.startSeq === (kept[0]?.firstSeq ?? 1), () => `the log starts at ${read?.startSeq}`);
  let hash: string | undefined;
  for (const record of world.archive) {
    insist(
      hash === undefined || record.previousHash === hash,
      () => `the chain breaks at ${record.firstSeq}`,
    );
    hash = record.hash;
  }
};

/** The three ways to a state are one: folded from all events, loaded from rows, kept by a replica all along. */
export const compareAll = async (world: World): Promise<void> => {
  const folded = foldRecords(emptyState(world.projectId), world.archive);
  const loaded = await world.store.load(world.projectId, 1);
  if (!loaded) {
    insist(world.archive.length === 0, () => 'the store lost the project');
    return;
  }
  compareStates('folded and loaded', folded, restore(loaded.image));
  for (const hub of world.hubs) {
    await hub.catchUp();
    if (hub.state) compareStates('folded and kept', folded, hub.state);
  }
  checkOrder(world.model, folded);
  await checkChain(world);
};
