import type { Draft } from './draft.ts';
import type { Family } from './family.ts';
import { DEPENDENCIES_PER_TASK_MAX } from './limits.ts';
import { addEdge, makeGraph, strongComponents } from './order.ts';

interface Derivation {
  drafts: readonly Draft[];
  family: Family;
  /** From a draft to what it waits for; derived edges are added to it. */
  orders: Map<string, Set<string>>;
  /** Whether the draft becomes a task; one that does not is a phase only. */
  isTask: (key: string) => boolean;
  notes: string[];
}

/**
 * Adds the order that nesting implies and no row states: a parent that is also a task waits for its children, and
 * children wait for what their parent waits for (as `bd ready` has it). A finished task waits for nothing more. An
 * implied edge that would close a cycle, or go beyond the limit of one task, is left out with a note. Returns how many
 * were added.
 */
export function deriveOrders(derivation: Derivation): number {
  const { orders, notes } = derivation;
  const implied = [...childEdges(derivation), ...inheritedEdges(derivation)];
  const graph = makeGraph([...orders.keys()]);
  for (const [from, targets] of orders) for (const to of targets) addEdge(graph, from, to);
  for (const [from, to] of implied) addEdge(graph, from, to);
  const component = strongComponents(graph);
  let added = 0;
  const full = new Set<string>();
  for (const [from, to] of implied) {
    const targets = orders.get(from);
    if (targets === undefined || targets.has(to)) continue;
    if (component.get(from) === component.get(to)) {
      notes.push(`${from} does not wait for ${to}, as its nesting implies: that would close a cycle`);
    } else if (targets.size >= DEPENDENCIES_PER_TASK_MAX) {
      full.add(from);
    } else {
      targets.add(to);
      added += 1;
    }
  }
  for (const key of full) {
    notes.push(`${key} waits for ${DEPENDENCIES_PER_TASK_MAX} others only; its nesting implies more`);
  }
  return added;
}

function isOver(draft: Draft): boolean {
  return draft.status === 'completed' || draft.status === 'cancelled';
}

/** From each parent that is a task to the nearest tasks below it. */
function childEdges({ drafts, family, isTask }: Derivation): [string, string][] {
  return drafts
    .filter((draft) => isTask(draft.key) && !isOver(draft))
    .flatMap((draft) =>
      tasksBelow(draft.key, family, isTask).map((child): [string, string] => [draft.key, child]),
    );
}

function tasksBelow(key: string, family: Family, isTask: (key: string) => boolean): string[] {
  const below: string[] = [];
  const waiting = [...(family.childrenOf.get(key) ?? [])].toReversed();
  for (let child = waiting.pop(); child !== undefined; child = waiting.pop()) {
    if (isTask(child)) below.push(child);
    else waiting.push(...(family.childrenOf.get(child) ?? []).toReversed());
  }
  return below;
}

/** From each task to what the items around it wait for. What a parent passes on is cut at the limit of one task. */
function inheritedEdges({ family, orders, isTask }: Derivation): [string, string][] {
  const edges: [string, string][] = [];
  const passedOn = new Map<string, string[]>();
  for (const draft of family.fromTop) {
    const inherited = draft.parent === undefined ? [] : (passedOn.get(draft.parent) ?? []);
    if (isTask(draft.key) && !isOver(draft)) for (const to of inherited) edges.push([draft.key, to]);
    if (!family.childrenOf.has(draft.key)) continue;
    const own = [...(orders.get(draft.key) ?? [])].filter((to) => !family.isRelated(draft.key, to));
    passedOn.set(draft.key, [...new Set([...inherited, ...own])].slice(0, DEPENDENCIES_PER_TASK_MAX + 1));
  }
  return edges;
}
