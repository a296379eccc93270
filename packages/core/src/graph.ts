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

/**
 * What waits for what among open tasks and phases: a task for its dependencies and for the phases its own phase
 * depends on; a phase for its open tasks.
 */
export const graphOf = (state: ProjectState, draft: Draft): Graph => {
  const added = new Map<string, string[]>();
  for (const [taskId, phaseId] of draft.phaseOf) added.set(phaseId, [...(added.get(phaseId) ?? []), taskId]);
  const phaseDependencies = (id: string): readonly string[] =>
    draft.phases.get(id) ?? state.phases.get(id)?.dependencies ?? [];
  return {
    *next(node) {
      const [kind, id = ''] = node.split(/:(.*)/s);
      if (kind === 'phase') {
        for (const taskId of state.phases.get(id)?.open ?? []) yield taskNode(taskId);
        for (const taskId of added.get(id) ?? []) yield taskNode(taskId);
        return;
      }
      const task = state.tasks.get(id);
      for (const taskId of [...(task?.dependencies ?? []), ...(draft.dependencies.get(id) ?? [])]) {
        if (state.tasks.has(taskId) || draft.dependencies.has(taskId)) yield taskNode(taskId);
      }
      const phaseId = draft.phaseOf.get(id) ?? task?.phaseId;
      for (const waited of phaseId === undefined ? [] : phaseDependencies(phaseId)) {
        if (state.phases.get(waited)?.status !== 'completed') yield phaseNode(waited);
      }
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
