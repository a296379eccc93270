/** A directed graph over names; an edge points from a node to what it waits for. Repeated nodes are one node. */
export interface Graph {
  keys: string[];
  next: number[][];
  indexOf: Map<string, number>;
}

/** An edge that leads back to a node on its own path. `cycle` starts and ends there and is shortened in the middle. */
export interface ClosingEdge {
  from: string;
  to: string;
  cycle: string;
}

/** So many names of a cycle are spelt out. */
const CYCLE_NAMES_MAX = 8;

export function makeGraph(keys: readonly string[]): Graph {
  const graph: Graph = { keys: [], next: [], indexOf: new Map() };
  for (const key of keys) {
    if (graph.indexOf.has(key)) continue;
    graph.indexOf.set(key, graph.keys.length);
    graph.keys.push(key);
    graph.next.push([]);
  }
  return graph;
}

/** Adds an edge; one whose ends are not both in the graph is left out. */
export function addEdge(graph: Graph, from: string, to: string): void {
  const source = graph.indexOf.get(from);
  const target = graph.indexOf.get(to);
  if (source !== undefined && target !== undefined) graph.next[source]?.push(target);
}

/**
 * Walks the graph depth first without recursion. `leave` sees a node after all that it reaches by other edges than
 * closing ones; `closing` gets the path and the place on it that the edge leads back to.
 */
function walk(
  graph: Graph,
  visit: { closing: (path: readonly number[], start: number) => void; leave: (node: number) => void },
): void {
  const state = new Uint8Array(graph.keys.length); // 0 unseen, 1 on the path, 2 done
  const taken = new Uint32Array(graph.keys.length);
  const placeOnPath = new Uint32Array(graph.keys.length);
  for (let root = 0; root < graph.keys.length; root += 1) {
    if (state[root] !== 0) continue;
    const path = [root];
    state[root] = 1;
    while (path.length > 0) {
      const node = path[path.length - 1] ?? root;
      const edge = taken[node] ?? 0;
      const to = graph.next[node]?.[edge];
      taken[node] = edge + 1;
      if (to === undefined) {
        state[node] = 2;
        path.pop();
        visit.leave(node);
      } else if (state[to] === 1) {
        visit.closing(path, placeOnPath[to] ?? 0);
      } else if (state[to] === 0) {
        state[to] = 1;
        placeOnPath[to] = path.push(to) - 1;
      }
    }
  }
}

/**
 * Every node after the nodes it waits for, else in the order of the graph's keys (a depth-first postorder: a node moves
 * up only to stand before the first one that needs it). Without the edges in `closing`, the graph has no cycle.
 */
export function sortGraph(graph: Graph): { order: string[]; closing: ClosingEdge[] } {
  const order: string[] = [];
  const closing: ClosingEdge[] = [];
  const name = (node: number): string => graph.keys[node] ?? '';
  walk(graph, {
    leave: (node) => order.push(name(node)),
    closing: (path, start) => {
      const to = path[start] ?? 0;
      const length = path.length - start;
      const names = path.slice(start, start + CYCLE_NAMES_MAX).map(name);
      if (length > CYCLE_NAMES_MAX) names.push(`… ${length - CYCLE_NAMES_MAX} more`);
      closing.push({
        from: name(path[path.length - 1] ?? to),
        to: name(to),
        cycle: [...names, name(to)].join(' -> '),
      });
    },
  });
  return { order, closing };
}

/**
 * The number of each node's strongly connected component (Tarjan 1972, in the two-pass form of Kosaraju and Sharir):
 * two nodes have the same number exactly when each reaches the other.
 */
export function strongComponents(graph: Graph): Map<string, number> {
  const left: number[] = [];
  walk(graph, { leave: (node) => left.push(node), closing: () => undefined });
  const back: number[][] = graph.keys.map(() => []);
  graph.next.forEach((targets, source) => {
    for (const target of targets) back[target]?.push(source);
  });
  const component = new Map<string, number>();
  const seen = new Uint8Array(graph.keys.length);
  for (const root of left.toReversed()) {
    if (seen[root] === 1) continue;
    const waiting = [root];
    seen[root] = 1;
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      component.set(graph.keys[node] ?? '', root);
      for (const source of back[node] ?? []) {
        if (seen[source] === 1) continue;
        seen[source] = 1;
        waiting.push(source);
      }
    }
  }
  return component;
}
