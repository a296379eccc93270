import { addEdge, makeGraph, sortGraph, type Graph } from './order.ts';
import type { PlanPhase, PlanTask } from './plan.ts';

type TaskNode = Pick<PlanTask, 'key' | 'parent' | 'dependsOn'>;
type PhaseNode = Pick<PlanPhase, 'key' | 'parent' | 'dependsOn'>;

export const taskNode = (key: string): string => `task ${key}`;
export const startNode = (key: string): string => `start of phase ${key}`;
export const endNode = (key: string): string => `end of phase ${key}`;

/**
 * The order that tasks and phases demand together: a phase starts when those it depends on have ended, its tasks wait
 * for its start, and it ends with its last task. One cycle search over it finds every deadlock.
 */
export function orderGraph(tasks: readonly TaskNode[], phases: readonly PhaseNode[]): Graph {
  const graph = makeGraph([
    ...tasks.map((task) => taskNode(task.key)),
    ...phases.map((phase) => startNode(phase.key)),
    ...phases.map((phase) => endNode(phase.key)),
  ]);
  for (const task of tasks) {
    for (const key of task.dependsOn) addEdge(graph, taskNode(task.key), taskNode(key));
    if (task.parent === undefined) continue;
    addEdge(graph, taskNode(task.key), startNode(task.parent));
    addEdge(graph, endNode(task.parent), taskNode(task.key));
  }
  for (const phase of phases) {
    for (const key of phase.dependsOn) addEdge(graph, startNode(phase.key), endNode(key));
    addEdge(graph, endNode(phase.key), startNode(phase.key));
    if (phase.parent === undefined) continue;
    addEdge(graph, startNode(phase.key), startNode(phase.parent));
    addEdge(graph, endNode(phase.parent), endNode(phase.key));
  }
  return graph;
}

/** Tasks and phases without a cycle: dependencies (and for phases parents) first, else in the order given. */
export function inOrder<T extends TaskNode, P extends PhaseNode>(
  tasks: readonly T[],
  phases: readonly P[],
): { tasks: T[]; phases: P[] } {
  const taskOf = new Map(tasks.map((task) => [taskNode(task.key), task]));
  const phaseOf = new Map(phases.map((phase) => [startNode(phase.key), phase]));
  return {
    tasks: sortGraph(orderGraph(tasks, phases)).order.flatMap((node) => taskOf.get(node) ?? []),
    phases: sortGraph(orderGraph([], phases)).order.flatMap((node) => phaseOf.get(node) ?? []),
  };
}
