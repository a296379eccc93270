import { canDefer } from '@agentmix/act-core';
import type { Commit, LogRecord, TaskState } from '@agentmix/act-core';

/** Rows stay behind the log for at most so long, and for at most so many tasks. */
export const DEFERRED_MS_MAX = 50;
const DEFERRED_TASKS_MAX = 2_048;
/** A batch of so many commands is load by itself. */
export const BUSY_COMMANDS = 32;
/** So many batches within `DEFERRED_MS_MAX` are load, too: one flush then stands for the rows of all of them. */
const BUSY_BATCHES = 4;

/**
 * Tasks whose rows are behind the log. Under load a task is claimed and completed within milliseconds, and rows are
 * two thirds of what a commit costs the database: written a little later they are written once instead of twice.
 * Nothing depends on them meanwhile: they can be made again from the records, which is what a restart does.
 */
export class DeferredRows {
  readonly #isOn: boolean;
  readonly #tasks: Map<string, TaskState>;
  #since = performance.now();
  /** When the last batches were made, the oldest first. */
  #lately: number[] = [];

  constructor(isOn: boolean, tasks: ReadonlyMap<string, TaskState> = new Map()) {
    this.#isOn = isOn;
    this.#tasks = new Map(tasks);
  }

  get isBehind(): boolean {
    return this.#tasks.size > 0;
  }

  /** Decides how a batch is written: its record alone, or with the rows of all records before it. `now` is monotonic milliseconds. */
  prepare(commit: Commit, now = performance.now()): Commit {
    const { changes, record } = commit;
    if (!this.isBehind) this.#since = now;
    const isSoon =
      now - this.#since < DEFERRED_MS_MAX && this.#tasks.size + changes.tasks.size <= DEFERRED_TASKS_MAX;
    if (this.#isOn && this.#isBusy(record, now) && isSoon && canDefer(changes)) {
      for (const [id, task] of changes.tasks) this.#tasks.set(id, task);
      return { ...commit, isRecordOnly: true };
    }
    for (const task of this.take()) if (!changes.tasks.has(task.id)) changes.tasks.set(task.id, task);
    return commit;
  }

  /** Otherwise a batch writes its rows at once, since a second statement would cost more than it saves. */
  #isBusy({ commandIds }: LogRecord, now: number): boolean {
    this.#lately = [...this.#lately.slice(1 - BUSY_BATCHES), now];
    const [oldest = now] = this.#lately;
    const isFrequent = this.#lately.length === BUSY_BATCHES && now - oldest < DEFERRED_MS_MAX;
    return isFrequent || commandIds.length >= BUSY_COMMANDS;
  }

  /** Rows of another hub’s records, which nobody has written yet. */
  add(tasks: Iterable<TaskState>): void {
    if (!this.isBehind) this.#since = performance.now();
    for (const task of tasks) this.#tasks.set(task.id, task);
  }

  /** Takes back what could not be written; what changed meanwhile is newer. */
  putBack(tasks: readonly TaskState[]): void {
    this.add(tasks.filter(({ id }) => !this.#tasks.has(id)));
  }

  take(): TaskState[] {
    const tasks = [...this.#tasks.values()];
    this.#tasks.clear();
    return tasks;
  }
}
