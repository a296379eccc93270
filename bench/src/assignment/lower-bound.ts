import type { Fits } from './capacity.ts';
import { makeFits, smallestSpan } from './capacity.ts';
import type { Graph } from './graph.ts';
import { toGraph } from './graph.ts';
import type { Instance } from './parse.ts';

/** Distinct heads and tails tried as window borders. On the 217 public instances 1,000 give the same bounds as 64. */
const WINDOW_BORDERS_MAX = 64;
/** Distinct heads tried among one task's ancestors. On the public instances 200 give the same bounds as 16. */
const ANCESTOR_BORDERS_MAX = 16;

/** The task graph seen from one end of the project; a tail is a head of the reversed graph. */
interface Direction {
  readonly order: readonly number[];
  readonly before: readonly (readonly number[])[];
}

/**
 * A makespan that no schedule of the instance can beat, in its time units. The largest of:
 *
 * 1. **Capacity.** In makespan T an agent works at most T. If the work per class cannot be split over capable agents
 *    with at most T each (a maximum flow; splitting and working in parallel allowed, so this only relaxes the problem),
 *    no schedule of length T exists. By max-flow/min-cut this is the maximum over all sets of classes of
 *    work / agents able to do any of it, rounded up because durations, hence makespans, are whole.
 * 2. **Critical path with capacity.** `head` of a task is a time before which it cannot start: when its predecessors can
 *    have ended at the earliest, and h + the capacity bound of those of its ancestors whose head is ≥ h, for any h: they
 *    all run after h and before the task starts. `tail`, the time that must still pass after its end, is the same on
 *    the reversed graph (a schedule read backwards is a schedule). T ≥ head + duration + tail.
 * 3. **Energy in windows.** Suppose a schedule of length T exists. Then every task runs inside
 *    [head, T − tail]; since it is not interrupted, its overlap with a window [a, b] is at least that of its earliest or
 *    of its latest position, whichever is smaller. If these overlaps cannot be split over capable agents with at most
 *    b − a each, no such schedule exists and T + 1 is a bound too.
 *
 * Trying fewer windows or ancestor sets only weakens the bound, so the limits above are safe.
 */
export function lowerBound(instance: Instance): number {
  const graph = toGraph(instance);
  const fits = makeFits(graph);
  const tasks = [...graph.durations.keys()];
  const heads = earliest(graph, fits, { order: graph.order, before: graph.predecessors });
  const tails = earliest(graph, fits, { order: graph.order.toReversed(), before: graph.successors });
  const capacity = smallestSpan(fits, workOf(graph, tasks), 0);
  const path = tasks.map((task) => (heads[task] ?? 0) + (graph.durations[task] ?? 0) + (tails[task] ?? 0));
  return raiseByWindows(graph, fits, { heads, tails }, Math.max(capacity, ...path));
}

/** Step 2 of the argument, for all tasks in the direction's order. */
function earliest(graph: Graph, fits: Fits, { order, before }: Direction): number[] {
  const heads: number[] = graph.durations.map(() => 0);
  const ancestors: Set<number>[] = graph.durations.map(() => new Set());
  for (const task of order) {
    const above = ancestors[task] ?? new Set();
    let head = 0;
    for (const each of before[task] ?? []) {
      head = Math.max(head, (heads[each] ?? 0) + (graph.durations[each] ?? 0));
      above.add(each);
      for (const ancestor of ancestors[each] ?? []) above.add(ancestor);
    }
    heads[task] = afterAncestors(graph, fits, { heads, above: [...above], head });
  }
  return heads;
}

function afterAncestors(
  graph: Graph,
  fits: Fits,
  task: { readonly heads: readonly number[]; readonly above: readonly number[]; readonly head: number },
): number {
  const headOf = (each: number): number => task.heads[each] ?? 0;
  let { head } = task;
  for (const border of spread(task.above.map(headOf), ANCESTOR_BORDERS_MAX)) {
    const work = workOf(
      graph,
      task.above.filter((each) => headOf(each) >= border),
    );
    head = Math.max(head, border + smallestSpan(fits, work, Math.max(0, head - border)));
  }
  return head;
}

function workOf(graph: Graph, tasks: readonly number[]): Float64Array {
  const work = new Float64Array(graph.agentsOfClass.length);
  for (const task of tasks) {
    const index = graph.classOf[task] ?? 0;
    work[index] = (work[index] ?? 0) + (graph.durations[task] ?? 0);
  }
  return work;
}

/** At most `max` of the distinct values, in ascending order, evenly spread over their ranks. */
function spread(values: readonly number[], max: number): number[] {
  const distinct = [...new Set(values)].sort((left, right) => left - right);
  if (distinct.length <= max) return distinct;
  return Array.from({ length: max }, (_, rank) => {
    return distinct[Math.floor((rank * (distinct.length - 1)) / (max - 1))] ?? 0;
  });
}

interface Windows {
  readonly heads: readonly number[];
  readonly tails: readonly number[];
}

/** Step 3: raises T while some window refutes it, until none of the windows tried does. */
function raiseByWindows(graph: Graph, fits: Fits, windows: Windows, start: number): number {
  const froms = spread(windows.heads, WINDOW_BORDERS_MAX);
  const ends = spread(windows.tails, WINDOW_BORDERS_MAX);
  let span = start;
  let before = -1;
  while (before !== span) {
    before = span;
    for (const from of froms) {
      for (const end of ends) while (isRefuted(graph, fits, windows, { span, from, to: span - end })) span++;
    }
  }
  return span;
}

function isRefuted(
  graph: Graph,
  fits: Fits,
  { heads, tails }: Windows,
  { span, from, to }: { readonly span: number; readonly from: number; readonly to: number },
): boolean {
  if (to <= from) return false;
  const work = new Float64Array(graph.agentsOfClass.length);
  for (const [task, duration] of graph.durations.entries()) {
    const first = heads[task] ?? 0;
    const last = span - (tails[task] ?? 0) - duration;
    const early = Math.min(to, first + duration) - Math.max(from, first);
    const late = Math.min(to, last + duration) - Math.max(from, last);
    const energy = Math.min(early, late);
    const index = graph.classOf[task] ?? 0;
    if (energy > 0) work[index] = (work[index] ?? 0) + energy;
  }
  return !fits(work, to - from);
}
