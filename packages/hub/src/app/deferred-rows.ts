import { canDefer } from '@agentmix/act-core';
import type { Commit, CommitOutcome, LogRecord, TaskState } from '@agentmix/act-core';

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
  /** With the end of the record that changed them last, or one after it. */
  readonly #tasks = new Map<string, { readonly task: TaskState; readonly seq: number }>();
  #since = performance.now();
  /** When the last batches were made, the oldest first. */
  #lately: number[] = [];

  constructor(isOn: boolean) {
    this.#isOn = isOn;
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
      this.#keep(changes.tasks.values(), record.lastSeq);
      return { ...commit, isRecordOnly: true };
    }
    for (const [id, { task }] of this.#tasks) if (!changes.tasks.has(id)) changes.tasks.set(id, task);
    this.#tasks.clear();
    return commit;
  }

  /** Otherwise a batch writes its rows at once, since a second statement would cost more than it saves. */
  #isBusy({ commandIds }: LogRecord, now: number): boolean {
    this.#lately = [...this.#lately.slice(1 - BUSY_BATCHES), now];
    const [oldest = now] = this.#lately;
    const isFrequent = this.#lately.length === BUSY_BATCHES && now - oldest < DEFERRED_MS_MAX;
    return isFrequent || commandIds.length >= BUSY_COMMANDS;
  }

  /** Rows of records that nobody has written yet, the last of which ends here. */
  add(tasks: Iterable<TaskState>, seq: number): void {
    if (!this.isBehind) this.#since = performance.now();
    this.#keep(tasks, seq);
  }

  /**
   * Writes the rows by themselves, if the log still ends at `seq`; tells whether it did. Until then they stay here: a
   * batch on its way behind them says that all rows are written, and may come in where these do not, because another hub
   * moved on meanwhile or the store failed.
   */
  async flush(seq: number, write: (tasks: TaskState[]) => Promise<CommitOutcome>): Promise<boolean> {
    // Batches that follow need not write the same once more.
    this.#since = performance.now();
    const { outcome } = await write([...this.#tasks.values()].map(({ task }) => task));
    if (outcome === 'committed') this.written(seq);
    return outcome === 'committed';
  }

  /** The rows of records up to here are written. */
  written(seq: number): void {
    for (const [id, one] of this.#tasks) if (one.seq <= seq) this.#tasks.delete(id);
  }

  #keep(tasks: Iterable<TaskState>, seq: number): void {
    for (const task of tasks) this.#tasks.set(task.id, { task, seq });
  }
}
