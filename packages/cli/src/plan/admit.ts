import { edgeName, type Draft, type DraftEdge, type Sheet } from './draft.ts';
import { DEPENDENCIES_PER_TASK_MAX } from './limits.ts';
import { addEdge, makeGraph, sortGraph } from './order.ts';
import type { Skipped } from './plan.ts';

/** The edges of a sheet that hold, and why the others do not. `parents` are also written into the drafts. */
export interface Admitted {
  drafts: Draft[];
  /** From a draft to the drafts it waits for; has an entry, maybe empty, for every draft. */
  orders: Map<string, Set<string>>;
  /** Edges between the sheet's own phases, not yet searched for cycles. */
  phaseEdges: DraftEdge[];
  skipped: Skipped[];
}

interface Ledger {
  phases: ReadonlySet<string>;
  skippedItems: ReadonlySet<string>;
  parentOf: Map<string, string>;
  orders: Map<string, Set<string>>;
  seen: Set<string>;
}

/**
 * Judges every edge in the order of the file. An order edge that would close a cycle is left out: a foreign file cannot
 * be mended by the person who imports it, and the tool that wrote it lived with the cycle.
 */
export function admit(sheet: Sheet): Admitted {
  const ledger: Ledger = {
    phases: new Set(sheet.phases.map((phase) => phase.key)),
    skippedItems: new Set(sheet.skipped.map((item) => item.key)),
    parentOf: new Map(
      sheet.drafts.flatMap(({ key, parent }) => (parent === undefined ? [] : [[key, parent]])),
    ),
    orders: new Map(sheet.drafts.map((draft) => [draft.key, new Set<string>()])),
    seen: new Set(),
  };
  const skipped = [...sheet.skipped];
  const phaseEdges: DraftEdge[] = [];
  const admitted = new Map<string, DraftEdge>();
  for (const edge of sheet.edges) {
    const reason = refusal(edge, ledger);
    if (reason !== undefined) {
      skipped.push({ what: 'edge', key: edgeName(edge), line: edge.line, reason });
      continue;
    }
    if (edge.rule.as === 'phase') phaseEdges.push(edge);
    if (edge.rule.as === 'parent') ledger.parentOf.set(edge.from, edge.to);
    if (edge.rule.as !== 'order') continue;
    ledger.orders.get(edge.from)?.add(edge.to);
    admitted.set(pairName(edge.from, edge.to), edge);
  }
  for (const closing of dropCycles(ledger.orders, admitted)) skipped.push(closing);
  const drafts = sheet.drafts.map((draft) => {
    const parent = ledger.parentOf.get(draft.key);
    return parent === undefined ? draft : { ...draft, parent };
  });
  return { drafts, orders: ledger.orders, phaseEdges, skipped };
}

/** Keys hold no line break, so the pair is unambiguous. */
function pairName(from: string, to: string): string {
  return `${from}\n${to}`;
}

/** Why the edge cannot be imported, or undefined. */
function refusal(edge: DraftEdge, ledger: Ledger): string | undefined {
  const { from, to, rule } = edge;
  if (rule.as === 'none') return rule.reason;
  const name = `${rule.as === 'parent' ? 'parent' : 'order'}\n${pairName(from, to)}`;
  if (ledger.seen.has(name)) return 'duplicate edge';
  ledger.seen.add(name);
  const exists = (key: string): boolean => (rule.as === 'phase' ? ledger.phases : ledger.orders).has(key);
  if (!exists(from)) return absence(from, `${from} is not in the file`, ledger);
  if (from === to) return rule.as === 'parent' ? 'is its own parent' : 'depends on itself';
  if (rule.as === 'parent')
    return exists(to)
      ? parentRefusal(from, to, ledger)
      : absence(to, `its parent ${to} is not in the file`, ledger);
  if (!exists(to)) return absence(to, `depends on ${to}, which is not in the file`, ledger);
  if ((ledger.orders.get(from)?.size ?? 0) >= DEPENDENCIES_PER_TASK_MAX) {
    return `more than ${DEPENDENCIES_PER_TASK_MAX} dependencies of one task`;
  }
  return undefined;
}

function absence(key: string, otherwise: string, ledger: Ledger): string {
  return ledger.skippedItems.has(key) ? `${key} is not imported` : otherwise;
}

function parentRefusal(from: string, to: string, ledger: Ledger): string | undefined {
  const first = ledger.parentOf.get(from);
  if (first !== undefined) return `has a parent already: ${first}`;
  for (let above: string | undefined = to; above !== undefined; above = ledger.parentOf.get(above)) {
    if (above === from) return `closes the cycle of parents ${from} -> ${to} -> … -> ${from}`;
  }
  return undefined;
}

function dropCycles(orders: Map<string, Set<string>>, admitted: Map<string, DraftEdge>): Skipped[] {
  const graph = makeGraph([...orders.keys()]);
  for (const [from, targets] of orders) for (const to of targets) addEdge(graph, from, to);
  return sortGraph(graph).closing.map(({ from, to, cycle }) => {
    orders.get(from)?.delete(to);
    const edge = admitted.get(pairName(from, to));
    const skipped: Skipped = {
      what: 'edge',
      key: edge === undefined ? `${from} -> ${to}` : edgeName(edge),
      reason: `closes the cycle ${cycle}`,
    };
    return edge === undefined ? skipped : { ...skipped, line: edge.line };
  });
}
