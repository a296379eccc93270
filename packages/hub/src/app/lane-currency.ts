import type { CommitOutcome, Store } from '@agentmix/act-core';

/** Of what other hubs committed; a lane that is further behind reads the rows instead. */
const CATCH_UP_BYTES = 1_048_576;
/**
 * For so long after another hub wrote to the project, too, a lane takes turns with it, and looks in the log before it
 * decides: one that loses the race has to read all rows again.
 */
const CONTENDED_MS = 1_000;
/** A hub that keeps its turn for longer stands still. */
const TURN_WAIT_MS = 250;
/**
 * A turn goes on while there is something to do: to pass it on takes three round trips, and to go on from what the other
 * hub did as long as that took to decide. Who waits for it, waits for so long.
 */
const TURN_MS_MAX = 30;

interface Turn {
  readonly end: () => void;
  /** Monotonic milliseconds. */
  readonly until: number;
  /** Whether the log was looked in since it began: until it ends, nobody else writes. */
  hasLooked: boolean;
}

/** Whether what a lane knows of its project is the newest. Where no other hub writes to the database it always is. */
export class Currency {
  readonly #store: Store;
  readonly #projectId: string;
  readonly #isShared: boolean;
  /** What the log of the project reaches at least, as other hubs told. */
  #heardSeq = 0;
  #contendedAt = -Infinity;
  #turn: Turn | undefined;

  constructor(store: Store, projectId: string, isShared: boolean) {
    this.#store = store;
    this.#projectId = projectId;
    this.#isShared = isShared;
  }

  get isShared(): boolean {
    return this.#isShared;
  }

  /**
   * The log reaches so far, of which the lane knows this far: what it wrote itself is told to it too. 0: another hub
   * wants to write; it would never come to, while this one does not take turns.
   */
  heard(seq: number, knownSeq: number): void {
    if (seq > knownSeq || seq === 0) this.beaten();
    this.#heardSeq = Math.max(this.#heardSeq, seq);
  }

  /** Another hub has written to the project, maybe what a batch was just decided on. */
  beaten(): void {
    this.#contendedAt = performance.now();
  }

  /** Whether another hub is known to be further than this, or may be. */
  mayBeBehind(seq: number): boolean {
    return this.#heardSeq > seq || (this.#isContended() && !this.#turn?.hasLooked);
  }

  /** Waits for the others to be done, where there are others and this hub has no turn already. */
  async takeTurn(): Promise<void> {
    if (this.#turn || !this.#isContended()) return;
    const end = await this.#store.takeTurn(this.#projectId, TURN_WAIT_MS);
    if (end) this.#turn = { end, until: performance.now() + TURN_MS_MAX, hasLooked: false };
  }

  /** What the lane knows is what the log has. */
  looked(): void {
    if (this.#turn) this.#turn.hasLooked = true;
  }

  /** Whether others should come now. */
  get isTurnOver(): boolean {
    return this.#turn !== undefined && performance.now() >= this.#turn.until;
  }

  endTurn(): void {
    this.#turn?.end();
    this.#turn = undefined;
  }

  #isContended(): boolean {
    return this.#isShared && performance.now() - this.#contendedAt < CONTENDED_MS;
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
   * is asked when the batches before it are in, unless that was done for this batch already (`isNewest`).
   */
  async confirm(
    seq: number,
    before: Promise<boolean>,
    isNewest: boolean,
  ): Promise<Extract<CommitOutcome, { outcome: 'stale' }> | undefined> {
    if (!this.#isShared || isNewest || !(await before)) return undefined;
    const head = await this.#store.logHead(this.#projectId);
    return (head?.lastSeq ?? 0) === seq ? undefined : { outcome: 'stale' };
  }
}
