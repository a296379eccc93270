/** The tools whose plan files are read: our own format and three foreign ones. */
export type PlanFormat = 'act' | 'beads' | 'taskmaster' | 'markdown';

export type PlanStatus = 'open' | 'completed' | 'cancelled' | 'blocked';

export interface PlanTask {
  /** Stable name of the task outside the hub, unique among the tasks of the plan. */
  key: string;
  title: string;
  description?: string;
  /** 'task', 'bug', 'feature', 'chore', 'epic' or whatever the tool calls it. */
  type?: string;
  /** 0 (most urgent) to 4. */
  priority: number;
  status: PlanStatus;
  estimateMinutes?: number;
  requires?: { name: string; level?: number }[];
  filePaths?: string[];
  labels?: string[];
  /** Key of the phase that the task belongs to. A task and a phase may share a key: the task closes that phase. */
  parent?: string;
  /** Keys of tasks of this plan, without repetition, never the task itself. */
  dependsOn: string[];
}

export interface PlanPhase {
  key: string;
  title: string;
  description?: string;
  /** Key of the phase that this one is nested in. */
  parent?: string;
  /** Keys of phases. */
  dependsOn: string[];
}

/** One thing of the file that was left out. `key` is the item's key, or 'from -> to (type)' for an edge. */
export interface Skipped {
  what: 'item' | 'edge';
  key: string;
  line?: number;
  reason: string;
}

/**
 * A plan that any tool's file reads into. `items` and `edges` count what the file holds and always equal what was
 * imported plus what `skipped` lists. Edges made from nesting (an epic waits for its children, children wait for what
 * their epic waits for) are in `dependsOn` but not in the file: `derivedEdges` counts them apart.
 */
export interface Plan {
  format: PlanFormat;
  name?: string;
  /** Parents and dependencies first, else in the order of the file. */
  phases: PlanPhase[];
  /** Dependencies first, else in the order of the file. */
  tasks: PlanTask[];
  skipped: Skipped[];
  /** Sentences for the person who imports: texts cut, characters removed, statuses that have no equal here. */
  notes: string[];
  counts: {
    items: number;
    edges: number;
    importedItems: number;
    importedEdges: number;
    derivedEdges: number;
  };
}

/** The file is cut off, malformed, or contradicts itself: nothing of it may be imported. */
export class PlanError extends Error {
  override readonly name = 'PlanError';
  readonly line?: number;
  constructor(message: string, line?: number) {
    // The message quotes the file and is printed on a terminal.
    const printable = message.replaceAll(/\p{Cc}+/gu, ' ');
    super(line === undefined ? printable : `line ${line}: ${printable}`);
    if (line !== undefined) this.line = line;
  }
}
