import type { Instance } from './parse.ts';
import { canDo } from './parse.ts';

/**
 * An instance by index: task `i` is `instance.tasks[i]`, agent `a` is `instance.agents[a]`. A class is a set of tasks
 * that exactly the same agents can do, whatever their skills are called.
 */
export interface Graph {
  readonly durations: readonly number[];
  readonly predecessors: readonly (readonly number[])[];
  readonly successors: readonly (readonly number[])[];
  /** Every task after all its predecessors. */
  readonly order: readonly number[];
  readonly classOf: readonly number[];
  /** Per class, the agents that can do its tasks. */
  readonly agentsOfClass: readonly (readonly number[])[];
  readonly agentCount: number;
}

/** Expects what `parseInstance` guarantees: known predecessors, no cycle, every task can be done by somebody. */
export function toGraph(instance: Instance): Graph {
  const indexOf = new Map(instance.tasks.map((task, index) => [task.id, index]));
  const predecessors = instance.tasks.map((task) => task.predecessors.map((id) => indexOf.get(id) ?? -1));
  const successors: number[][] = instance.tasks.map(() => []);
  for (const [task, list] of predecessors.entries())
    for (const before of list) successors[before]?.push(task);
  return {
    durations: instance.tasks.map((task) => task.duration),
    predecessors,
    successors,
    order: topologicalOrder(predecessors, successors),
    ...toClasses(instance),
    agentCount: instance.agents.length,
  };
}

function topologicalOrder(predecessors: number[][], successors: number[][]): number[] {
  const open = predecessors.map((list) => list.length);
  const order = [...open.keys()].filter((task) => open[task] === 0);
  for (const task of order) {
    for (const after of successors[task] ?? []) {
      open[after] = (open[after] ?? 0) - 1;
      if (open[after] === 0) order.push(after);
    }
  }
  return order;
}

function toClasses(instance: Instance): { classOf: number[]; agentsOfClass: number[][] } {
  const classes = new Map<string, number>();
  const agentsOfClass: number[][] = [];
  const classOf = instance.tasks.map((task) => {
    const capable = [...instance.agents.keys()].filter((index) => {
      const agent = instance.agents[index];
      return agent !== undefined && canDo(agent, task);
    });
    const key = capable.join(' ');
    const known = classes.get(key) ?? classes.size;
    if (known === classes.size) {
      classes.set(key, known);
      agentsOfClass.push(capable);
    }
    return known;
  });
  return { classOf, agentsOfClass };
}
