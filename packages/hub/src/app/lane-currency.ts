import type { CommitOutcome, Store } from '@agentmix/act-core';

/** Of what other hubs committed; a lane that is further behind reads the rows instead. */
const CATCH_UP_BYTES = 1_048_576;
/** For so long after another hub was faster a lane looks in the log before it decides: losing costs it all rows. */
const BEATEN_MS = 1_000;

/** Whether what a lane knows of its project is the newest. Where no other hub writes to the database it always is. */
export class Currency {
  readonly #store: Store;
  readonly #projectId: string;
  readonly #isShared: boolean;
  /** What the log of the project reaches at least, as other hubs told. */
  #heardSeq = 0;
  #beatenAt = -Infinity;

  constructor(store: Store, projectId: string, isShared: boolean) {
    this.#store = store;
    this.#projectId = projectId;
    this.#isShared = isShared;
  }

  get isShared(): boolean {
    return this.#isShared;
  }

  heard(seq: number): void {
    this.#heardSeq = Math.max(this.#heardSeq, seq);
  }

  /** A batch was decided on what another hub had changed. */
  beaten(): void {
    this.#beatenAt = performance.now();
  }

  /** Whether another hub is known to be further than this, or was a moment ago. */
  mayBeBehind(seq: number): boolean {
    return this.#isShared && (this.#heardSeq > seq || performance.now() - this.#beatenAt < BEATEN_MS);
  }

  /** What the log has after this. */
  async readAfter(seq: number): Promise<NonNullable<Awaited<ReturnType<Store['readLog']>>>> {
    const heardSeq = this.#heardSeq;
    const log = await this.#store.readLog(this.#projectId, seq, CATCH_UP_BYTES);
    // What was heard before is settled by this, also where it was not true.
    if (this.#heardSeq === heardSeq) this.#heardSeq = log?.lastSeq ?? 0;
    return log ?? { records: [], startSeq: 1, lastSeq: 0, writtenSeq: 0 };
  }

  /**
   * Whether a batch that has nothing to commit was decided on the newest state: no compare-and-set tells, so the store
   * is asked when the batches before it are in.
   */
  async confirm(
    seq: number,
    before: Promise<boolean>,
  ): Promise<Extract<CommitOutcome, { outcome: 'stale' }> | undefined> {
    if (!this.#isShared || !(await before)) return undefined;
    const head = await this.#store.logHead(this.#projectId);
    return (head?.lastSeq ?? 0) === seq ? undefined : { outcome: 'stale' };
  }
}
