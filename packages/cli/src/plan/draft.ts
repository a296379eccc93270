import { TASKS_MAX } from './limits.ts';
import { PlanError, type PlanFormat, type PlanPhase, type PlanTask, type Skipped } from './plan.ts';

/** An item of a foreign file before it is decided whether it becomes a task, a phase, or both. */
export interface Draft extends Omit<PlanTask, 'dependsOn'> {
  line: number;
}

/**
 * A relation as the file states it: `from` waits for `to` ('order'), `to` contains `from` ('parent'), phase `from` waits
 * for phase `to` ('phase'). 'none' is one that says nothing about the order of work, for the reason given.
 */
export interface DraftEdge {
  from: string;
  to: string;
  /** The word the file uses, for the report. */
  type: string;
  line: number;
  rule: { as: 'order' | 'parent' | 'phase' } | { as: 'none'; reason: string };
}

/** What a reader of a foreign format found, in the order of the file. */
export interface Sheet {
  format: PlanFormat;
  name?: string;
  /** Phases that are no items, such as headings. */
  phases: PlanPhase[];
  /** `parent` may name a phase above or another draft, which then becomes a phase. */
  drafts: Draft[];
  edges: DraftEdge[];
  /** Items left out, by the reader's own judgement. */
  skipped: Skipped[];
  notes: string[];
}

export function makeSheet(format: PlanFormat): Sheet {
  return { format, phases: [], drafts: [], edges: [], skipped: [], notes: [] };
}

/** Throws PlanError for two things with one key, an empty plan, or one beyond TASKS_MAX. */
export function checkKeys(things: readonly { key: string; line: number }[]): void {
  const lines = new Map<string, number>();
  for (const { key, line } of things) {
    const first = lines.get(key);
    if (first !== undefined)
      throw new PlanError(`the key ${key} is given twice, first on line ${first}`, line);
    lines.set(key, line);
  }
  if (things.length === 0) throw new PlanError('the plan holds no task');
  if (things.length > TASKS_MAX) {
    throw new PlanError(`the plan holds ${things.length} items; at most ${TASKS_MAX} are imported at once`);
  }
}

export function edgeName(edge: Pick<DraftEdge, 'from' | 'to' | 'type'>): string {
  return `${edge.from} -> ${edge.to} (${edge.type})`;
}
