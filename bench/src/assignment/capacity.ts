import type { Graph } from './graph.ts';

/**
 * Says whether `work` (units per class) can be split over the capable agents so that none gets more than `span` units.
 * Preemption and working on one task in parallel are allowed, so a "no" holds for every real schedule as well.
 */
export type Fits = (work: ArrayLike<number>, span: number) => boolean;

/**
 * A transport problem classes → agents, solved by maximum flow (Edmonds–Karp after a greedy start; tens of nodes).
 * Agents that can do the same classes are one node with a multiple of the capacity.
 */
export function makeFits(graph: Graph): Fits {
  const { groupsOfClass, classesOfGroup, sizes } = groupAgents(graph);
  const classCount = groupsOfClass.length;
  const groupCount = sizes.length;
  const flow = new Float64Array(classCount * groupCount);
  const left = new Float64Array(classCount);
  const room = new Float64Array(groupCount);
  const parentOfGroup = new Int32Array(groupCount);
  const parentOfClass = new Int32Array(classCount);
  const queue: number[] = [];

  /** Pushes some of class `start`'s rest along a shortest augmenting path; false when there is none. */
  function augment(start: number): boolean {
    parentOfGroup.fill(-1);
    parentOfClass.fill(-1);
    queue.length = 0;
    queue.push(start);
    for (const from of queue) {
      for (const group of groupsOfClass[from] ?? []) {
        if (parentOfGroup[group] !== -1) continue;
        parentOfGroup[group] = from;
        if ((room[group] ?? 0) > 0) {
          push(start, group);
          return true;
        }
        for (const other of classesOfGroup[group] ?? []) {
          if (other === start || parentOfClass[other] !== -1 || flow[other * groupCount + group] === 0)
            continue;
          parentOfClass[other] = group;
          queue.push(other);
        }
      }
    }
    return false;
  }

  function push(start: number, end: number): void {
    let amount = Math.min(left[start] ?? 0, room[end] ?? 0);
    for (let group = end, from = parentOfGroup[end] ?? 0; from !== start; from = parentOfGroup[group] ?? 0) {
      group = parentOfClass[from] ?? 0;
      amount = Math.min(amount, flow[from * groupCount + group] ?? 0);
    }
    left[start] = (left[start] ?? 0) - amount;
    room[end] = (room[end] ?? 0) - amount;
    for (let group = end; ;) {
      const from = parentOfGroup[group] ?? 0;
      flow[from * groupCount + group] = (flow[from * groupCount + group] ?? 0) + amount;
      if (from === start) return;
      group = parentOfClass[from] ?? 0;
      flow[from * groupCount + group] = (flow[from * groupCount + group] ?? 0) - amount;
    }
  }

  return (work, span) => {
    flow.fill(0);
    for (let group = 0; group < groupCount; group++) room[group] = span * (sizes[group] ?? 0);
    for (let index = 0; index < classCount; index++) left[index] = work[index] ?? 0;
    for (let index = 0; index < classCount; index++) {
      while ((left[index] ?? 0) > 0) if (!augment(index)) return false;
    }
    return true;
  };
}

/** The smallest whole span for which `work` fits, not below `floor`. */
export function smallestSpan(fits: Fits, work: ArrayLike<number>, floor: number): number {
  if (fits(work, floor)) return floor;
  let low = floor;
  let high = Math.max(1, floor);
  while (!fits(work, high)) {
    low = high;
    high *= 2;
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(work, middle)) high = middle;
    else low = middle;
  }
  return high;
}

function groupAgents(graph: Graph): {
  groupsOfClass: number[][];
  classesOfGroup: number[][];
  sizes: number[];
} {
  const classesOfAgent: number[][] = Array.from({ length: graph.agentCount }, () => []);
  for (const [index, agents] of graph.agentsOfClass.entries()) {
    for (const agent of agents) classesOfAgent[agent]?.push(index);
  }
  const groups = new Map<string, { classes: number[]; size: number }>();
  for (const classes of classesOfAgent) {
    const group = groups.get(classes.join(' ')) ?? { classes, size: 0 };
    group.size++;
    groups.set(classes.join(' '), group);
  }
  const groupsOfClass: number[][] = graph.agentsOfClass.map(() => []);
  const list = [...groups.values()].filter((group) => group.classes.length > 0);
  for (const [index, group] of list.entries())
    for (const each of group.classes) groupsOfClass[each]?.push(index);
  return {
    groupsOfClass,
    classesOfGroup: list.map((group) => group.classes),
    sizes: list.map((group) => group.size),
  };
}
