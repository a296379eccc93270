import type { FramedEvent, Refusal } from '@agentmix/act-contract';
import { emptyState, evolve, makeHeard, noChanges, restore, StoreRejected } from '@agentmix/act-core';
import type { Commit, LaneCommand, Loaded, ProjectState, Store, Talk } from '@agentmix/act-core';
import { decideBatch } from './batch.ts';
import type { Batch, Giver, Outcome, Waiting } from './batch.ts';
import { judgeTime, timeOf } from './command-id.ts';
import type { DatabaseClock } from './database-clock.ts';
import { BUSY_COMMANDS, DEFERRED_MS_MAX, DeferredRows } from './deferred-rows.ts';
import { isSignedBy } from './ed25519.ts';
import { RECENT_COMMANDS_MAX, RecentCommands } from './recent-commands.ts';
import { recentTalk } from './recent-talk.ts';
import { refusedByStore } from './refused-by-store.ts';
import type { RefusedByStore } from './refused-by-store.ts';
import { speakingSession } from './speaking-session.ts';

export const BATCH_COMMANDS_MAX = 128;
export const QUEUE_COMMANDS_MAX = 4_096;
/** A command that could not be committed for this long is answered as unavailable. */
const GIVE_UP_MS = 5_000;
const RETRY_MS_MIN = 10;
const RETRY_MS_MAX = 500;
/**
 * Under load batches are decided while those before are being flushed to disk (decision 1): with 4 the processor is busy 15 % more
 * than with 2. Below, one at a time: small batches cost twice as much a command, and wait longer.
 */
const IN_FLIGHT_MAX = 4;

export interface LaneEnvironment {
  readonly store: Store;
  readonly clock: DatabaseClock;
  readonly newId: () => string;
  readonly log: (message: string, fields: Record<string, unknown>) => void;
  /** A record was committed, by this process. */
  readonly onCommitted: (commit: Commit, seconds: number) => void;
  /** The state was read anew and is at this sequence number: whatever came before is in the log. */
  readonly onLoaded: (projectId: string, seq: number) => void;
  /** A session spoke. */
  readonly onSpoke: (projectId: string, sessionId: string) => void;
}

interface Memory {
  readonly state: ProjectState;
  readonly recent: RecentCommands;
  readonly rows: DeferredRows;
  readonly talk: Talk;
  /** Time of the last record: records never go back in time. */
  at: number;
}

const unavailable = (detail: string): Outcome => ({
  ok: false,
  refusal: { code: 'unavailable', detail, data: { retryAfter: 1 } },
});

/**
 * All commands of one project, one after another. While a batch is being committed the next one is collected, so the
 * more callers wait, the more of them share one commit. Batches are committed in order: the compare-and-set on the
 * project’s sequence number lets a batch pass only after the one it was decided on.
 */
export class Lane {
  readonly projectId: string;
  readonly #env: LaneEnvironment;
  readonly #queue: Waiting[] = [];
  readonly #seeking = new Map<string, number>();
  readonly #heard = makeHeard();
  #memory: Memory | undefined;
  #inFlight: Promise<boolean>[] = [];
  #pumping: Promise<void> | undefined;
  #failures = 0;
  /** Called when so many wait that another batch may go out before the one under way is back. */
  #onCrowd: () => void = () => undefined;
  #flushing = Promise.resolve(true);
  #flushTimer: NodeJS.Timeout | undefined;
  lastUsed = performance.now();

  constructor(projectId: string, env: LaneEnvironment) {
    this.projectId = projectId;
    this.#env = env;
  }

  get depth(): number {
    return this.#queue.length;
  }

  get isIdle(): boolean {
    return (
      this.#queue.length === 0 &&
      this.#inFlight.length === 0 &&
      !this.#pumping &&
      this.#seeking.size === 0 &&
      !this.#memory?.rows.isBehind
    );
  }

  /** The state if it is in memory; never change it. */
  get state(): ProjectState | undefined {
    return this.#memory?.state;
  }

  submit(id: string, command: LaneCommand, { caller, secretHash }: Giver = {}): Promise<Outcome> {
    this.lastUsed = performance.now();
    const madeAt = timeOf(id);
    const refused = judgeTime(madeAt, this.#env.clock.now());
    if (refused) return Promise.resolve({ ok: false, refusal: refused });
    if (this.#queue.length >= QUEUE_COMMANDS_MAX) {
      const refusal: Refusal = {
        code: 'overloaded',
        detail: `${this.#queue.length} commands wait`,
        data: { retryAfter: 1 },
      };
      return Promise.resolve({ ok: false, refusal });
    }
    return new Promise((resolve) => {
      this.#queue.push({
        id,
        madeAt,
        command,
        caller,
        secretHash,
        resolve,
        deadline: performance.now() + GIVE_UP_MS,
        solo: false,
      });
      if (this.#queue.length === BUSY_COMMANDS) this.#onCrowd();
      this.#pump();
    });
  }

  /** Counts a session among those that ask for work, until the returned function is called. */
  seek(sessionId: string): () => void {
    this.#seeking.set(sessionId, (this.#seeking.get(sessionId) ?? 0) + 1);
    return () => {
      const left = (this.#seeking.get(sessionId) ?? 1) - 1;
      if (left === 0) this.#seeking.delete(sessionId);
      else this.#seeking.set(sessionId, left);
    };
  }

  /** The state, read from the store if it must be; undefined when there is no such project. Never change it. */
  async read(): Promise<ProjectState | undefined> {
    this.lastUsed = performance.now();
    while (this.#pumping && !this.#memory) await this.#pumping;
    const memory = this.#memory ?? (await this.#load());
    return memory.state.seq === 0 ? undefined : memory.state;
  }

  /** Resolves when everything submitted so far is answered. */
  async drain(): Promise<void> {
    while (!this.isIdle && (this.#pumping || this.#inFlight.length > 0)) {
      await this.#pumping;
      await Promise.all(this.#inFlight);
    }
    await this.flushRows();
  }

  /** Brings the rows up to the log; false when that failed, and the state was thrown away for it. */
  flushRows(): Promise<boolean> {
    this.#flushing = this.#flushing.then(async () => {
      const memory = this.#memory;
      if (!memory?.rows.isBehind) return memory !== undefined;
      const { projectId } = this;
      try {
        const flush = { projectId, seq: memory.state.seq, tasks: memory.rows.take() };
        if ((await this.#env.store.flush(flush)).outcome === 'committed') return true;
      } catch (error) {
        this.#env.log('flush failed', { projectId, error: error instanceof Error ? error.message : error });
      }
      this.#forget(memory);
      return false;
    });
    return this.#flushing;
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
    return this.#inFlight.length >= (this.#queue.length >= BUSY_COMMANDS ? IN_FLIGHT_MAX : 1);
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
        await Promise.race([this.#inFlight[0], new Promise<void>((resolve) => (this.#onCrowd = resolve))]);
        continue;
      }
      // Callers of one turn of the event loop share a batch, those answered just now included.
      await new Promise(setImmediate);
      const memory = this.#memory ?? (await this.#reload());
      if (!memory) continue;
      const batch = await this.#next(memory);
      if (batch && this.#memory === memory) this.#send(batch, memory);
      else if (batch) this.#queue.unshift(...batch.waiting);
    }
  }

  /** Takes the next commands and decides them, after looking in the log for those that may be old repetitions. */
  async #next(memory: Memory): Promise<Batch | undefined> {
    const size = this.#queue[0]?.solo ? 1 : BATCH_COMMANDS_MAX;
    const waiting = this.#queue.splice(0, size);
    const doubtful = waiting.filter(
      ({ id, madeAt }) => !memory.recent.isCertainlyNew(madeAt) && !memory.recent.get(id),
    );
    if (doubtful.length > 0) {
      try {
        const since = Math.min(...doubtful.map(({ madeAt }) => madeAt));
        const found = await this.#env.store.findCommands(
          this.projectId,
          doubtful.map(({ id }) => id),
          since,
        );
        for (const { commandId, fingerprint, eventsText } of found)
          memory.recent.add(commandId, {
            madeAt: timeOf(commandId),
            fingerprint,
            source: { text: eventsText },
            first: 0,
            count: Infinity,
          });
      } catch (error) {
        this.#retry(waiting, error);
        return undefined;
      }
    }
    const now = this.#env.clock.now();
    memory.at = Math.max(memory.at, now);
    const seeking = new Set(this.#seeking.keys());
    for (const { command } of waiting) if (command.name === 'task.next') seeking.add(command.input.sessionId);
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
    const before = this.#inFlight.at(-1) ?? Promise.resolve(true);
    const started = performance.now();
    const commit = batch.commit && memory.rows.prepare(batch.commit);
    const committed = commit ? this.#env.store.commit(commit) : Promise.resolve(undefined);
    if (commit?.isRecordOnly) this.#flushLater();
    const settled = this.#settle(batch, memory, before, committed, started).finally(() => {
      this.#inFlight = this.#inFlight.filter((one) => one !== settled);
    });
    this.#inFlight.push(settled);
  }

  async #settle(
    batch: Batch,
    memory: Memory,
    before: Promise<boolean>,
    committed: ReturnType<Store['commit']> | Promise<undefined>,
    started: number,
  ): Promise<boolean> {
    try {
      const [isBeforeIn, outcome] = await Promise.all([before, committed]);
      if (!isBeforeIn) return this.#again(batch.waiting, memory);
      if (outcome?.outcome === 'committed') this.#env.clock.anchor(outcome.clock);
      if (outcome?.outcome === 'stale') return this.#again(batch.waiting, memory);
      const refused = outcome && refusedByStore(outcome);
      if (refused) return this.#without(batch, memory, refused);
    } catch (error) {
      await before;
      this.#forget(memory);
      this.#retry(batch.waiting, error);
      return false;
    }
    this.#failures = 0;
    if (batch.commit) this.#env.onCommitted(batch.commit, (performance.now() - started) / 1_000);
    batch.waiting.forEach((one, at) => {
      const outcome = batch.outcomes[at] ?? unavailable('no outcome');
      const sessionId = speakingSession(one.command, outcome);
      if (sessionId !== undefined && memory.state.sessions.has(sessionId))
        this.#env.onSpoke(this.projectId, sessionId);
      one.resolve(outcome);
    });
    return true;
  }

  #forget(memory: Memory): void {
    if (this.#memory === memory) this.#memory = undefined;
  }

  /** Nothing of the batch was written, because another writer was faster: decide it anew on what is there now. */
  #again(waiting: readonly Waiting[], memory: Memory): false {
    this.#forget(memory);
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
    const isRejected = error instanceof StoreRejected;
    const detail = error instanceof Error ? error.message : String(error);
    this.#env.log('commit failed', { projectId: this.projectId, commands: waiting.length, error: detail });
    this.#failures++;
    const now = performance.now();
    const kept = waiting.filter((one) => {
      const isCulprit = isRejected && waiting.length === 1;
      const isLate = !isRejected && now >= one.deadline;
      if (isCulprit)
        one.resolve({ ok: false, refusal: { code: 'internal', detail: 'the database refused the data' } });
      if (isLate) one.resolve(unavailable('the database does not answer'));
      if (isRejected) one.solo = true;
      return !isCulprit && !isLate;
    });
    this.#queue.unshift(...kept);
    this.#pump();
  }

  /** Reads the state after a failure: first everything in flight has to be over, and a beaten database gets a pause. */
  async #reload(): Promise<Memory | undefined> {
    await Promise.all(this.#inFlight);
    if (this.#failures > 0) {
      const pause = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** this.#failures);
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    try {
      return await this.#load();
    } catch (error) {
      this.#retry(this.#queue.splice(0), error);
      return undefined;
    }
  }

  async #load(): Promise<Memory> {
    const [loaded, clock] = await Promise.all([
      this.#env.store.load(this.projectId, RECENT_COMMANDS_MAX),
      this.#env.store.clock(),
    ]);
    this.#env.clock.anchor(clock);
    if (this.#memory) return this.#memory;
    this.#memory = loaded ? this.#remember(loaded) : this.#blank();
    if (loaded) this.#env.onLoaded(this.projectId, this.#memory.state.seq);
    return this.#memory;
  }

  #blank(): Memory {
    const rows = new DeferredRows(this.#env.store.defersRows);
    const talk = recentTalk([], this.#heard);
    return { state: emptyState(this.projectId), recent: new RecentCommands(0), rows, talk, at: 0 };
  }

  /** The rows, and what the log says after them. */
  #remember(loaded: Loaded): Memory {
    const state = restore(loaded.image);
    const changes = noChanges();
    for (const record of loaded.unwritten) {
      const events: FramedEvent[] = JSON.parse(record.eventsText);
      for (const event of events) evolve(state, event, record.at, changes);
    }
    const rows = new DeferredRows(this.#env.store.defersRows, changes.tasks);
    if (rows.isBehind) this.#flushLater();
    const talk = recentTalk(loaded.tail, this.#heard);
    return { state, recent: RecentCommands.from(loaded), rows, talk, at: loaded.tail.at(-1)?.at ?? 0 };
  }
}
