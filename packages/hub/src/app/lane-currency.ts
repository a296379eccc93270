import type { Commit, CommitOutcome, LogPart, Store, Turn } from '@agentmix/act-core';

/** Of what other hubs committed; a lane that is further behind reads the rows instead. */
const CATCH_UP_BYTES = 1_048_576;
/**
 * For so long after another hub wrote to the project, too, a lane takes turns with it, and looks in the log before it
 * decides: one that loses the race has to read all rows again.
 */
const CONTENDED_MS = 1_000;
/** A hub that keeps its turn for longer stands still. */
const TURN_WAIT_MS = 250;
/** Of a project that does not exist. */
const NO_LOG: LogPart = { records: [], startSeq: 1, lastSeq: 0, writtenSeq: 0 };
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
    return this.#heardSeq > seq || this.#isContended();
  }

  /**
   * Waits for the others to be done, where there are others; answers what the log has after this then, if that came with
   * the turn. It is enough for what a compare-and-set proves, and for nothing else.
   */
  async takeTurn(seq: number): Promise<LogPart | undefined> {
    if (!this.#isContended()) return undefined;
    this.#turn = await this.#store.takeTurn(this.#projectId, TURN_WAIT_MS, seq);
    const log = this.#turn && (this.#turn.log ?? NO_LOG);
    return (log?.records.at(-1)?.lastSeq ?? seq) === log?.lastSeq ? log : undefined;
  }

  /** Commits, and lets others come with that. */
  commit(commit: Commit): Promise<CommitOutcome> {
    const turn = this.#turn ?? this.#store;
    this.#turn = undefined;
    return turn.commit(commit);
  }

  /** Lets others come where nothing was committed. */
  endTurn(): void {
    this.#turn?.end();
    this.#turn = undefined;
  }

  #isContended(): boolean {
    return this.#isShared && performance.now() - this.#contendedAt < CONTENDED_MS;
  }

  /** What the log has after this. */
  async readAfter(seq: number): Promise<LogPart> {
    const heardSeq = this.#heardSeq;
    const log = await this.#store.readLog(this.#projectId, seq, CATCH_UP_BYTES);
    // What was heard before is settled by this, also where it was not true.
    if (this.#heardSeq === heardSeq) this.#heardSeq = log?.lastSeq ?? 0;
    return log ?? NO_LOG;
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
