import { admit } from './admit.ts';
import { deriveOrders } from './derive.ts';
import { checkKeys, edgeName, type Draft, type DraftEdge, type Sheet } from './draft.ts';
import { makeFamily, type Family } from './family.ts';
import { strongComponents } from './order.ts';
import { endNode, inOrder, orderGraph, startNode } from './phase-order.ts';
import type { Plan, PlanPhase, PlanTask, Skipped } from './plan.ts';

/**
 * Makes the plan of a foreign file. An item that contains others becomes a phase with its key; it is a task as well, the
 * last of its phase, when it waits for something or something waits for it. Throws PlanError for repeated keys, too many
 * items, or none.
 */
export function assemble(sheet: Sheet): Plan {
  checkKeys([...sheet.drafts, ...sheet.skipped.map(({ key, line }) => ({ key, line: line ?? 0 }))]);
  const { drafts, orders, phaseEdges, skipped } = admit(sheet);
  const family = makeFamily(drafts);
  const notes = [...sheet.notes];
  const waitedFor = new Set([...orders.values()].flatMap((targets) => [...targets]));
  const isTask = (key: string): boolean =>
    !family.childrenOf.has(key) || (orders.get(key)?.size ?? 0) > 0 || waitedFor.has(key);
  const phases = [
    ...sheet.phases.map((phase) => ({ ...phase, dependsOn: [] })),
    ...itemPhases(drafts, family),
  ];
  const implied = drafts.flatMap((draft) => impliedPhaseEdges(draft, family, orders));
  const derivedEdges = deriveOrders({ drafts, family, orders, isTask, notes });
  const tasks = drafts.filter((draft) => isTask(draft.key)).map((draft) => toTask(draft, orders, family));
  for (const refused of joinPhases(tasks, phases, { stated: phaseEdges, implied })) skipped.push(refused);
  noteForgotten(drafts, isTask, family, notes);
  const skippedItems = skipped.filter((entry) => entry.what === 'item').length;
  const skippedEdges = skipped.length - skippedItems;
  return {
    format: sheet.format,
    ...(sheet.name === undefined ? {} : { name: sheet.name }),
    ...inOrder(tasks, withContent(phases, tasks)),
    skipped,
    notes,
    counts: {
      items: drafts.length + skippedItems,
      edges: sheet.edges.length,
      importedItems: drafts.length,
      importedEdges: sheet.edges.length - skippedEdges,
      derivedEdges,
    },
  };
}

function itemPhases(drafts: readonly Draft[], family: Family): PlanPhase[] {
  return drafts
    .filter((draft) => family.childrenOf.has(draft.key))
    .map(({ key, title, description, parent }) => ({
      key,
      title,
      ...(description === undefined ? {} : { description }),
      ...(parent === undefined ? {} : { parent }),
      dependsOn: [],
    }));
}

/** Where both ends of an edge are phases, the phases are in that order too. */
function impliedPhaseEdges(
  draft: Draft,
  family: Family,
  orders: ReadonlyMap<string, ReadonlySet<string>>,
): [string, string][] {
  if (!family.childrenOf.has(draft.key)) return [];
  return [...(orders.get(draft.key) ?? [])]
    .filter((to) => family.childrenOf.has(to) && !family.isRelated(draft.key, to))
    .map((to) => [draft.key, to]);
}

function toTask(draft: Draft, orders: ReadonlyMap<string, ReadonlySet<string>>, family: Family): PlanTask {
  const { line: _line, ...task } = draft;
  const parent = family.childrenOf.has(draft.key) ? draft.key : draft.parent;
  return {
    ...task,
    ...(parent === undefined ? {} : { parent }),
    dependsOn: [...(orders.get(draft.key) ?? [])],
  };
}

/** Writes the edges between phases that close no cycle with the tasks' order; returns the stated ones that do. */
function joinPhases(
  tasks: readonly PlanTask[],
  phases: readonly PlanPhase[],
  edges: { stated: readonly DraftEdge[]; implied: readonly [string, string][] },
): Skipped[] {
  const byKey = new Map(phases.map((phase) => [phase.key, phase]));
  const all = [...edges.stated.map(({ from, to }): [string, string] => [from, to]), ...edges.implied];
  for (const [from, to] of all) byKey.get(from)?.dependsOn.push(to);
  const component = strongComponents(orderGraph(tasks, phases));
  const closes = (from: string, to: string): boolean =>
    component.get(startNode(from)) === component.get(endNode(to));
  for (const phase of phases) {
    phase.dependsOn = [...new Set(phase.dependsOn)].filter((to) => !closes(phase.key, to));
  }
  return edges.stated
    .filter(({ from, to }) => closes(from, to))
    .map((edge) => ({
      what: 'edge',
      key: edgeName(edge),
      line: edge.line,
      reason: `${edge.from} and ${edge.to} would wait for each other`,
    }));
}

/** An open parent whose children are all over is complete here at once, which its tool did not say. */
function noteForgotten(
  drafts: readonly Draft[],
  isTask: (key: string) => boolean,
  family: Family,
  notes: string[],
): void {
  const over = new Map<string, boolean>();
  for (const draft of family.fromTop.toReversed()) {
    const isOver = draft.status === 'completed' || draft.status === 'cancelled';
    const children = family.childrenOf.get(draft.key);
    over.set(
      draft.key,
      children === undefined || isTask(draft.key) ? isOver : children.every((key) => over.get(key)),
    );
  }
  for (const { key, status } of drafts) {
    if (status === 'completed' || status === 'cancelled' || isTask(key) || over.get(key) !== true) continue;
    notes.push(`${key} is open but all its children are over: it becomes a phase that is complete`);
  }
}

/** The phases that tasks are in, those around them, and those named by an edge; an empty heading is no phase. */
function withContent(phases: readonly PlanPhase[], tasks: readonly PlanTask[]): PlanPhase[] {
  const byKey = new Map(phases.map((phase) => [phase.key, phase]));
  const kept = new Set<string>();
  const named = phases.flatMap((phase) =>
    phase.dependsOn.length > 0 ? [phase.key, ...phase.dependsOn] : [],
  );
  for (const start of [...tasks.flatMap((task) => task.parent ?? []), ...named]) {
    for (
      let key: string | undefined = start;
      key !== undefined && !kept.has(key);
      key = byKey.get(key)?.parent
    ) {
      kept.add(key);
    }
  }
  return phases.filter((phase) => kept.has(phase.key));
}
