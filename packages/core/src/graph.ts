import type { ProjectState } from './state.ts';

/** Nodes are `task:<id>` and `phase:<id>`; an edge goes from what waits to what it waits for. */
export interface Graph {
  readonly next: (node: string) => Iterable<string>;
}

export const taskNode = (id: string): string => `task:${id}`;
export const phaseNode = (id: string): string => `phase:${id}`;

/** Changes to a project’s graph that are not decided yet. */
export interface Draft {
  /** New tasks and, for known ones, additional dependencies. */
  readonly dependencies: Map<string, readonly string[]>;
  /** Phase of new tasks. */
  readonly phaseOf: Map<string, string>;
  /** Dependencies of new phases. */
  readonly phases: Map<string, readonly string[]>;
}

export const emptyDraft = (): Draft => ({ dependencies: new Map(), phaseOf: new Map(), phases: new Map() });

/** What one task waits for: open tasks, and the phases its own phase depends on. */
export function* waitsFor(state: ProjectState, draft: Draft, taskId: string): Iterable<string> {
  const task = state.tasks.get(taskId);
  for (const id of [...(task?.dependencies ?? []), ...(draft.dependencies.get(taskId) ?? [])]) {
    if (state.tasks.has(id) || draft.dependencies.has(id)) yield taskNode(id);
  }
  const phaseId = draft.phaseOf.get(taskId) ?? task?.phaseId;
  const phases =
    phaseId === undefined ? [] : (draft.phases.get(phaseId) ?? state.phases.get(phaseId)?.dependencies ?? []);
  for (const id of phases) if (state.phases.get(id)?.status !== 'completed') yield phaseNode(id);
}

/** What waits for what among open tasks and phases: a phase waits for its open tasks. */
export const graphOf = (state: ProjectState, draft: Draft): Graph => {
  const added = new Map<string, string[]>();
  for (const [taskId, phaseId] of draft.phaseOf) {
    const tasks = added.get(phaseId);
    if (tasks) tasks.push(taskId);
    else added.set(phaseId, [taskId]);
  }
  return {
    *next(node) {
      const id = node.slice(node.indexOf(':') + 1);
      if (node.startsWith('task:')) return yield* waitsFor(state, draft, id);
      for (const taskId of state.phases.get(id)?.open ?? []) yield taskNode(taskId);
      for (const taskId of added.get(id) ?? []) yield taskNode(taskId);
    },
  };
};

/** Depth-first search without recursion; returns a cycle reachable from the starts as nodes in order, if there is one. */
export const findCycle = (graph: Graph, starts: Iterable<string>): string[] | undefined => {
  const done = new Set<string>();
  for (const start of starts) {
    if (done.has(start)) continue;
    const path: { node: string; rest: Iterator<string> }[] = [
      { node: start, rest: graph.next(start)[Symbol.iterator]() },
    ];
    const onPath = new Set([start]);
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const step = top.rest.next();
      if (step.done) {
        done.add(top.node);
        onPath.delete(top.node);
        path.pop();
      } else if (onPath.has(step.value)) {
        const nodes = path.map(({ node }) => node);
        return nodes.slice(nodes.indexOf(step.value));
      } else if (!done.has(step.value)) {
        onPath.add(step.value);
        path.push({ node: step.value, rest: graph.next(step.value)[Symbol.iterator]() });
      }
    }
  }
  return undefined;
};

/** A cycle as people name it: keys or titles where the state has them. */
export const describeCycle = (
  state: ProjectState,
  cycle: readonly string[],
  names: ReadonlyMap<string, string>,
): string =>
  [...cycle, cycle[0] ?? '']
    .map((node) => {
      const id = node.replace(/^\w+:/, '');
      const task = state.tasks.get(id);
      const phase = state.phases.get(id);
      return names.get(id) ?? task?.key ?? phase?.key ?? task?.title ?? phase?.name ?? id;
    })
    .join(' → ');
