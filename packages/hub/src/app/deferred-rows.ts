import { canDefer } from '@agentmix/act-core';
import type { Commit, TaskState } from '@agentmix/act-core';

/** Rows stay behind the log for at most so long, and for at most so many tasks. */
export const DEFERRED_MS_MAX = 50;
const DEFERRED_TASKS_MAX = 2_048;
/** Below this a lane is not under load: a batch writes its rows at once, since a second statement would cost more than it saves. */
export const BUSY_COMMANDS = 32;

/**
 * Tasks whose rows are behind the log. Under load a task is claimed and completed within milliseconds, and rows are
 * two thirds of what a commit costs the database: written a little later they are written once instead of twice.
 * Nothing depends on them meanwhile: they can be made again from the records, which is what a restart does.
 */
export class DeferredRows {
  readonly #isOn: boolean;
  readonly #tasks: Map<string, TaskState>;
  #since = performance.now();

  constructor(isOn: boolean, tasks: ReadonlyMap<string, TaskState> = new Map()) {
    this.#isOn = isOn;
    this.#tasks = new Map(tasks);
  }

  get isBehind(): boolean {
    return this.#tasks.size > 0;
  }

  /** Decides how a batch is written: its record alone, or with the rows of all records before it. */
  prepare(commit: Commit): Commit {
    const { changes, record } = commit;
    const now = performance.now();
    if (!this.isBehind) this.#since = now;
    const isSoon =
      now - this.#since < DEFERRED_MS_MAX && this.#tasks.size + changes.tasks.size <= DEFERRED_TASKS_MAX;
    if (this.#isOn && record.commandIds.length >= BUSY_COMMANDS && isSoon && canDefer(changes)) {
      for (const [id, task] of changes.tasks) this.#tasks.set(id, task);
      return { ...commit, isRecordOnly: true };
    }
    for (const task of this.take()) if (!changes.tasks.has(task.id)) changes.tasks.set(task.id, task);
    return commit;
  }

  take(): TaskState[] {
    const tasks = [...this.#tasks.values()];
    this.#tasks.clear();
    return tasks;
  }
}
