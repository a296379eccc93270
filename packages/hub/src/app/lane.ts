import { makeHeard } from '@agentmix/act-core';
import type { CommitOutcome, LaneCommand, LogPart, ProjectState } from '@agentmix/act-core';
import { answerBatch } from './answer-batch.ts';
import { decideBatch, overloaded } from './batch.ts';
import type { Batch, Giver, Outcome, Traced, Waiting } from './batch.ts';
import { judgeTime, timeOf } from './command-id.ts';
import { BUSY_COMMANDS, DEFERRED_MS_MAX } from './deferred-rows.ts';
import { isSignedBy } from './ed25519.ts';
import { IN_FLIGHT_MAX, InFlight } from './in-flight.ts';
import { inTurn } from './in-turn.ts';
import { Currency } from './lane-currency.ts';
import type { LaneEnvironment } from './lane-environment.ts';
import { catchUp, existing, makeMemory } from './lane-memory.ts';
import type { Memory } from './lane-memory.ts';
import { QUEUE_COMMANDS_MAX } from './overload.ts';
import { readNewest } from './read-newest.ts';
import type { Looked } from './read-newest.ts';
import { recallOld } from './recall-old.ts';
import { RECENT_COMMANDS_MAX } from './recent-commands.ts';
import { refusedByStore } from './refused-by-store.ts';
import type { RefusedByStore } from './refused-by-store.ts';
import { Seekers } from './seekers.ts';
import { pauseMsAfter, sortUnresolved } from './sort-unresolved.ts';
import { traceBatch } from './trace-batch.ts';

export const BATCH_COMMANDS_MAX = 128;

/**
 * All commands of one project, one after another. While a batch is being committed the next one is collected, so the
 * more callers wait, the more of them share one commit. Batches are committed in order: the compare-and-set on the
 * project’s sequence number lets a batch pass only after the one it was decided on.
 */
export class Lane {
  readonly projectId: string;
  readonly #env: LaneEnvironment;
  readonly #queue: Waiting[] = [];
  readonly #seekers = new Seekers();
  readonly #heard = makeHeard();
  #memory: Memory | undefined;
  readonly #inFlight = new InFlight();
  #pumping: Promise<void> | undefined;
  #failures = 0;
  /** Called when so many wait that another batch may go out before the one under way is back. */
  #onCrowd: () => void = () => undefined;
  #flushTimer: NodeJS.Timeout | undefined;
  readonly #currency: Currency;
  lastUsed = performance.now();
  /** Brings the rows up to the log; false when that failed, or is not proved: other hubs may have left rows behind. */
  readonly flushRows: () => Promise<boolean> = inTurn(() => this.#flush());
  /** A look into the log, which all share who ask while the one before is under way. */
  readonly #look = inTurn(async () => {
    const memory = await this.#remember();
    return this.#inFlight.length > 0 ? undefined : this.#follow(memory);
  });

  constructor(projectId: string, env: LaneEnvironment) {
    this.projectId = projectId;
    this.#env = env;
    this.#currency = new Currency(env.store, projectId, env.isShared);
  }

  get depth(): number {
    return this.#queue.length;
  }

  /** How long the first of those that wait has waited. */
  get waitedMs(): number {
    const now = performance.now();
    return now - (this.#queue[0]?.queuedAt ?? now);
  }

  get isIdle(): boolean {
    return (
      this.#queue.length === 0 &&
      this.#inFlight.length === 0 &&
      !this.#pumping &&
      this.#seekers.size === 0 &&
      !this.#memory?.rows.isBehind
    );
  }

  /** The state if it is in memory; never change it. */
  get state(): ProjectState | undefined {
    return this.#memory?.state;
  }

  submit(id: string, command: LaneCommand, giver: Giver & Traced = {}): Promise<Outcome> {
    const { caller, secretHash, trace } = giver;
    const queuedAt = (this.lastUsed = performance.now());
    const madeAt = timeOf(id);
    const refused = judgeTime(madeAt, this.#env.clock.now());
    if (refused) return Promise.resolve({ ok: false, refusal: refused });
    const { length } = this.#queue;
    if (length >= QUEUE_COMMANDS_MAX) return Promise.resolve(overloaded(length));
    return new Promise((resolve) => {
      this.#queue.push({ id, madeAt, command, caller, secretHash, trace, resolve, queuedAt, solo: false });
      if (this.#queue.length === BUSY_COMMANDS) this.#onCrowd();
      this.#pump();
    });
  }

  /** Counts a session among those that ask for work, until the returned function is called. */
  seek(sessionId: string): () => void {
    return this.#seekers.add(sessionId);
  }

  /**
   * The state as it was known last, which other hubs may have changed since; read from the store where none is in
   * memory; undefined when there is no such project. Never change it.
   */
  async recall(): Promise<ProjectState | undefined> {
    return existing(await this.#remember());
  }

  /**
   * What `see` makes of the state as it is, everything included that any hub had committed before this call. It may be
   * called more than once, and must not keep the state. Throws StoreUnavailable.
   */
  async read<T>(see: (state: ProjectState | undefined) => T): Promise<T> {
    if (!this.#currency.isShared) return see(await this.recall());
    const [inFlight, look] = [this.#inFlight, this.#look];
    return readNewest({ inFlight, look, remember: () => this.#remember() }, (memory) =>
      see(existing(memory)),
    );
  }

  /** Whether another hub is known to be further than this, or may be. */
  get mayBeBehind(): boolean {
    return this.#currency.mayBeBehind(this.#memory?.state.seq ?? 0);
  }

  /** Another hub said that the log reaches this far. True when this was news. */
  heard(seq: number): boolean {
    const known = this.#memory?.state.seq;
    this.#currency.heard(seq, known ?? seq);
    return seq > (known ?? 0);
  }

  /** Resolves when everything submitted so far is answered. */
  async drain(): Promise<void> {
    while (!this.isIdle && (this.#pumping || this.#inFlight.length > 0)) {
      await this.#pumping;
      await this.#inFlight.whenBack();
    }
    await this.flushRows();
  }

  async #flush(): Promise<boolean> {
    const memory = this.#memory;
    if (!memory) return false;
    // What a batch under way has taken along is not written before that is back.
    if (!memory.rows.isBehind)
      return !this.#currency.isShared && ((await this.#inFlight.last?.settled) ?? true);
    const { projectId } = this;
    try {
      const { seq } = memory.state;
      if (await memory.rows.flush(seq, (tasks) => this.#env.store.flush({ projectId, seq, tasks })))
        return true;
      if (this.#currency.isShared && this.#memory === memory) {
        // Another hub has moved on, and writes these rows with its own, unless this one comes first.
        this.#flushLater();
        if (this.#inFlight.length === 0) await this.#follow(memory);
        return false;
      }
    } catch (error) {
      this.#env.log('flush failed', { projectId, error: error instanceof Error ? error.message : error });
    }
    this.#forget(memory);
    return false;
  }

  #flushLater(): void {
    if (this.#flushTimer !== undefined) return;
    this.#flushTimer = setTimeout(() => {
      this.#flushTimer = undefined;
      void this.flushRows();
    }, DEFERRED_MS_MAX);
  }

  /** Whether the next batch has to wait for the first one under way. */
  #isFull(): boolean {
    const isProving = this.#inFlight.last?.isProving ?? true;
    const isAhead = isProving && !this.mayBeBehind;
    return this.#inFlight.length >= (this.#queue.length >= BUSY_COMMANDS && isAhead ? IN_FLIGHT_MAX : 1);
  }

  /**
   * Brings the state up to what other hubs committed, and tells how far that is. Undefined when a batch was decided
   * meanwhile, or the state is too far behind and was thrown away. Nothing may be in flight.
   */
  async #follow(memory: Memory, known?: LogPart): Promise<Looked | undefined> {
    const { seq } = memory.state;
    const log = known ?? (await this.#currency.readAfter(seq));
    if (this.#memory !== memory || memory.state.seq !== seq) return undefined;
    if (log.lastSeq === seq) return { memory, seq };
    if (this.#inFlight.length > 0) return undefined;
    this.#currency.beaten();
    const isUp = catchUp(memory, log);
    if (!isUp) this.#forget(memory);
    else this.#env.onLoaded(this.projectId, memory.state.seq);
    if (memory.rows.isBehind) this.#flushLater();
    return isUp ? { memory, seq: memory.state.seq } : undefined;
  }

  #pump(): void {
    this.#pumping ??= this.#run()
      .catch((error: unknown) => {
        // Only a defect comes here: everything expected is an outcome. Nothing may hang for it.
        this.#env.log('lane failed', {
          projectId: this.projectId,
          error: error instanceof Error ? error.stack : error,
        });
        this.#memory = undefined;
        for (const one of this.#queue.splice(0)) one.resolve({ ok: false, refusal: { code: 'internal' } });
      })
      .finally(() => {
        this.#pumping = undefined;
        if (this.#queue.length > 0) this.#pump();
      });
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      if (this.#isFull()) {
        await Promise.race([this.#inFlight.first, new Promise<void>((resolve) => (this.#onCrowd = resolve))]);
        continue;
      }
      // Callers of one turn of the event loop share a batch, those answered just now included.
      await new Promise(setImmediate);
      try {
        await this.#sendNext();
      } finally {
        this.#currency.endTurn();
      }
    }
  }

  async #sendNext(): Promise<void> {
    const memory = this.#memory ?? (await this.#reload());
    if (!memory) return;
    const { seq } = memory.state;
    const log = await this.#currency.takeTurn(seq);
    if (this.#memory === memory) await this.#lookAhead(memory, memory.state.seq === seq ? log : undefined);
    if (this.#memory !== memory) return;
    const batch = await this.#next(memory);
    if (batch && this.#memory === memory) this.#send(batch, memory);
    else if (batch) this.#queue.unshift(...batch.waiting);
  }

  /** Looks for what other hubs did, where that is likely: it costs a question, and deciding on an old state much more. */
  async #lookAhead(memory: Memory, log: LogPart | undefined): Promise<void> {
    if (!this.#currency.mayBeBehind(memory.state.seq) || this.#inFlight.length > 0) return;
    try {
      await this.#follow(memory, log);
    } catch (error) {
      this.#forget(memory);
      this.#retry(this.#queue.splice(0), error);
    }
  }

  /** Takes the next commands and decides them, after looking in the log for those that may be old repetitions. */
  async #next(memory: Memory): Promise<Batch | undefined> {
    const waiting = this.#queue.splice(0, this.#queue[0]?.solo ? 1 : BATCH_COMMANDS_MAX);
    try {
      await recallOld(this.#env.store, this.projectId, memory.recent, waiting);
    } catch (error) {
      this.#retry(waiting, error);
      return undefined;
    }
    const now = this.#env.clock.now();
    memory.at = Math.max(memory.at, now);
    const seeking = this.#seekers.among(waiting);
    return decideBatch(
      memory.state,
      memory.recent,
      waiting,
      { now, newId: this.#env.newId, seeking, talk: memory.talk, isSignedBy },
      memory.at,
    );
  }

  /** Commits without waiting for it; the answers go out when this batch and all before it are on disk. */
  #send(batch: Batch, memory: Memory): void {
    const before = this.#inFlight.last?.settled ?? Promise.resolve(true);
    const started = performance.now();
    const commit = batch.commit && memory.rows.prepare(batch.commit);
    const committed: Promise<CommitOutcome | undefined> = commit
      ? this.#currency.commit(commit)
      : this.#currency.confirm(memory.state.seq, before);
    if (commit?.isRecordOnly) this.#flushLater();
    const isProving = commit !== undefined || !this.#currency.isShared;
    this.#inFlight.add(isProving, this.#settle(batch, memory, before, committed, started));
  }

  async #settle(
    batch: Batch,
    memory: Memory,
    before: Promise<boolean>,
    committed: Promise<CommitOutcome | undefined>,
    started: number,
  ): Promise<boolean> {
    try {
      const [isBeforeIn, outcome] = await Promise.all([before, committed]);
      if (!isBeforeIn) return this.#again(batch.waiting, memory);
      if (outcome?.outcome === 'committed') this.#env.clock.anchor(outcome.clock);
      if (outcome?.outcome === 'stale') {
        this.#currency.beaten();
        this.#env.onBeaten(this.projectId);
        return this.#again(batch.waiting, memory, !batch.commit);
      }
      const refused = outcome && refusedByStore(outcome);
      if (refused) return this.#without(batch, memory, refused);
    } catch (error) {
      await before;
      this.#forget(memory);
      this.#retry(batch.waiting, error);
      return false;
    }
    this.#failures = 0;
    const committedAt = performance.now();
    if (batch.commit) this.#env.onCommitted(batch.commit, (committedAt - started) / 1_000);
    traceBatch(batch, started, committedAt);
    answerBatch(batch, memory.state, (sessionId) => this.#env.onSpoke(this.projectId, sessionId));
    return true;
  }

  #forget(memory: Memory): void {
    if (this.#memory === memory) this.#memory = undefined;
  }

  /** Nothing of the batch was written: it is decided anew. What changed nothing left a state that can be gone on with. */
  #again(waiting: readonly Waiting[], memory: Memory, isClean = false): false {
    if (!isClean) this.#forget(memory);
    this.#queue.unshift(...waiting);
    this.#pump();
    return false;
  }

  /** The store refused some commands of the batch: nothing of it was written, the others are decided anew. */
  #without({ waiting }: Batch, memory: Memory, { code, concerns }: RefusedByStore): false {
    const left = waiting.filter(({ command }) => !concerns(command));
    for (const one of waiting) if (!left.includes(one)) one.resolve({ ok: false, refusal: { code } });
    return this.#again(left, memory);
  }

  /** Whether or not the batch was written is unknown: asked again, its ids tell. */
  #retry(waiting: readonly Waiting[], error: unknown): void {
    const detail = error instanceof Error ? error.message : String(error);
    this.#env.log('commit failed', { projectId: this.projectId, commands: waiting.length, error: detail });
    this.#failures++;
    this.#queue.push(...sortUnresolved(waiting, this.#queue.splice(0), error, performance.now()));
    this.#pump();
  }

  /** Reads the state after a failure: first everything in flight has to be over, and a beaten database gets a pause. */
  async #reload(): Promise<Memory | undefined> {
    await this.#inFlight.whenBack();
    if (this.#failures > 0) await new Promise((resolve) => setTimeout(resolve, pauseMsAfter(this.#failures)));
    try {
      return await this.#load();
    } catch (error) {
      this.#retry(this.#queue.splice(0), error);
      return undefined;
    }
  }

  async #remember(): Promise<Memory> {
    this.lastUsed = performance.now();
    while (this.#pumping && !this.#memory) await this.#pumping;
    return this.#memory ?? this.#load();
  }

  async #load(): Promise<Memory> {
    const [loaded, clock] = await Promise.all([
      this.#env.store.load(this.projectId, RECENT_COMMANDS_MAX),
      this.#env.store.clock(),
    ]);
    this.#env.clock.anchor(clock);
    if (this.#memory) return this.#memory;
    this.#memory = makeMemory(this.projectId, loaded, this.#env.store.defersRows, this.#heard);
    if (this.#memory.rows.isBehind) this.#flushLater();
    if (loaded) this.#env.onLoaded(this.projectId, this.#memory.state.seq);
    return this.#memory;
  }
}
