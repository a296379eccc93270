import { emptyState, hear, hearRefusal, makeTalk, restore } from '@agentmix/act-core';
import type { Commit, NotUploaded, ProjectState, Talk } from '@agentmix/act-core';
import { IDEMPOTENCY_MS } from '@agentmix/act-contract';
import type { FramedEvent } from '@agentmix/act-contract';
import { decideBatch, fingerprintOf, foldRecords, timeOfId } from '../records.ts';
import type { Outcome, Sent } from '../records.ts';
import { isSignedBy } from '../signatures.ts';
import { checkDecided, observeRecord } from './observe.ts';
import { insist } from './violation.ts';
import type { Reply, World } from './world.ts';

/** Few, so that older commands have to be looked for in the log. */
const RECENT_COMMANDS = 24;
const ROUNDS_MAX = 10;

interface Recent {
  readonly fingerprint: number;
  readonly events: readonly FramedEvent[];
}
interface Memory {
  state: ProjectState;
  readonly recent: Map<string, Recent>;
  /** Every committed command made after this time is in `recent`. */
  readonly horizon: number;
  readonly talk: Talk;
  idHigh: number;
}

const seekingIn = (batch: readonly Sent[]): Set<string> =>
  new Set(batch.flatMap(({ command }) => (command.name === 'task.next' ? [command.input.sessionId] : [])));

const replyOf = (outcome: Outcome): Reply =>
  'refusal' in outcome ? { refusal: outcome.refusal.code } : { events: outcome.events };

const isMissing = (
  missing: readonly NotUploaded[],
  { artifactId, sha256 }: { artifactId: string; sha256: string },
): boolean => missing.some((one) => one.artifactId === artifactId && one.sha256 === sha256);

/** One replica of the hub: the lane’s algorithm without its queues and timers. */
export class SimulatedHub {
  readonly #world: World;
  #memory: Memory | undefined;

  constructor(world: World) {
    this.#world = world;
  }

  get state(): ProjectState | undefined {
    return this.#memory?.state;
  }

  /** The process dies: everything it knew is gone. */
  restart(): void {
    this.#memory = undefined;
  }

  /** Runs a batch until it is committed or everything in it is refused; replies in the order of the batch. */
  async submit(batch: readonly Sent[]): Promise<Reply[]> {
    const replies = new Map<string, Reply>();
    for (let round = 0; ; round++) {
      insist(round < ROUNDS_MAX, () => 'a batch was neither committed nor refused');
      const left = batch.filter(({ commandId }) => !replies.has(commandId));
      if (left.length === 0) break;
      const fresh = await this.#unknown(left, replies);
      if (fresh.length === 0) continue;
      await this.#attempt(fresh, replies);
    }
    const raised = this.#raisedBy(batch, replies);
    if (raised.length > 0) await this.submit(raised);
    return batch.map(({ commandId }) => replies.get(commandId) ?? { refusal: 'internal' });
  }

  /** What the refusals of a batch have come to: commands of the hub’s own. */
  #raisedBy(batch: readonly Sent[], replies: ReadonlyMap<string, Reply>): Sent[] {
    const memory = this.#memory;
    if (!memory) return [];
    return batch.flatMap(({ commandId: id, command }) => {
      const reply = replies.get(id);
      if (!reply || !('refusal' in reply)) return [];
      const raised = hearRefusal(
        memory.talk,
        memory.state,
        { id, command },
        { code: reply.refusal },
        this.#world.now,
      );
      return raised ? [{ commandId: this.#world.newCommandId(), command: raised }] : [];
    });
  }

  /** Reads what other replicas committed, so that the next batch is decided on the newest state. */
  async catchUp(): Promise<void> {
    const memory = this.#memory;
    const { store, projectId, random } = this.#world;
    for (let rounds = 0; memory && rounds < 1_000; rounds++) {
      const read = await store.readLog(projectId, memory.state.seq, 1 + random.below(4_000));
      if (!read || read.records.length === 0) return;
      if (read.startSeq > memory.state.seq + 1) return this.restart();
      for (const record of read.records) {
        foldRecords(memory.state, [record]);
        this.#remember(memory, record);
      }
    }
  }

  /** Those not committed before; the others are answered from the log. */
  async #unknown(batch: readonly Sent[], replies: Map<string, Reply>): Promise<Sent[]> {
    const memory = (this.#memory ??= await this.#load());
    const doubtful = batch
      .map(({ commandId }) => commandId)
      .filter((id) => !memory.recent.has(id) && timeOfId(id) <= memory.horizon);
    const found = await this.#world.store.findCommands(this.#world.projectId, doubtful, 0);
    for (const { commandId, fingerprint, eventsText } of found) {
      // Stored commands hold framed events.
      memory.recent.set(commandId, { fingerprint, events: JSON.parse(eventsText) as FramedEvent[] });
    }
    const fresh = new Map<string, Sent>();
    for (const sent of batch) {
      if (timeOfId(sent.commandId) < this.#world.now - IDEMPOTENCY_MS) {
        replies.set(sent.commandId, { refusal: 'idempotency_key_expired' });
        continue;
      }
      const known = memory.recent.get(sent.commandId);
      if (!known) fresh.set(sent.commandId, sent);
      else if (known.fingerprint === fingerprintOf(sent.command)) replies.set(sent.commandId, known);
      else replies.set(sent.commandId, { refusal: 'idempotency_key_reused' });
    }
    return [...fresh.values()];
  }

  async #attempt(batch: readonly Sent[], replies: Map<string, Reply>): Promise<void> {
    const world = this.#world;
    const memory = (this.#memory ??= await this.#load());
    const { outcomes, commit } = decideBatch(memory.state, batch, {
      now: world.now,
      newId: world.newId,
      seeking: seekingIn(batch),
      talk: memory.talk,
      isSignedBy,
      idHigh: memory.idHigh,
      onDecided: checkDecided,
    });
    // The compare-and-set proves that what was decided is true, refusals too; without a commit the log has to.
    const outcome = commit ? await world.store.commit(commit) : await this.#confirm(memory);
    if (outcome?.outcome === 'stale') {
      world.stats.stale++;
      return this.restart();
    }
    if (outcome?.outcome === 'lease_live') {
      for (const { commandId, command } of batch) {
        if (command.name === 'session.expire' && outcome.sessionIds.includes(command.input.sessionId))
          replies.set(commandId, { refusal: 'lease_live' });
      }
      return this.restart();
    }
    if (outcome?.outcome === 'not_uploaded') {
      for (const { commandId, command } of batch) {
        if (command.name === 'artifact.store' && isMissing(outcome.artifacts, command.input))
          replies.set(commandId, { refusal: 'artifact_not_uploaded' });
      }
      return this.restart();
    }
    if (commit) this.#committed(memory, commit, batch);
    batch.forEach(({ commandId }, at) => replies.set(commandId, replyOf(outcomes[at] ?? { events: [] })));
  }

  async #confirm({ state }: Memory): Promise<{ outcome: 'stale' } | undefined> {
    const read = await this.#world.store.readLog(this.#world.projectId, state.seq, 1);
    return (read?.lastSeq ?? 0) === state.seq ? undefined : { outcome: 'stale' };
  }

  #committed(memory: Memory, commit: Commit, batch: readonly Sent[]): void {
    observeRecord(this.#world, commit, batch);
    this.#remember(memory, commit.record);
  }

  #remember(memory: Memory, record: Commit['record']): void {
    // A record holds what was committed: framed events.
    const events = JSON.parse(record.eventsText) as FramedEvent[];
    for (const event of events) hear(memory.talk, event, record.at);
    let first = 0;
    record.commandIds.forEach((commandId, at) => {
      const own = events.slice(first, first + (record.eventCounts[at] ?? 0));
      first += own.length;
      memory.recent.set(commandId, { fingerprint: record.fingerprints[at] ?? 0, events: own });
    });
    memory.idHigh = record.idHigh;
  }

  async #load(): Promise<Memory> {
    const { store, projectId } = this.#world;
    const loaded = await store.load(projectId, RECENT_COMMANDS);
    if (!loaded)
      return { state: emptyState(projectId), recent: new Map(), horizon: 0, talk: makeTalk(), idHigh: 0 };
    const memory: Memory = {
      state: restore(loaded.image),
      recent: new Map(),
      horizon: loaded.idHighBefore,
      talk: makeTalk(),
      idHigh: loaded.idHighBefore,
    };
    for (const record of loaded.tail) this.#remember(memory, record);
    return memory;
  }
}
