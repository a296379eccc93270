import type {
  CommandInput,
  CommandName,
  QueryInput,
  QueryName,
  QueryOutput,
  Task,
} from '@agentmix/act-contract';
import { refusal } from '@agentmix/act-contract';
import { checkCaller, maySpeakAs, StoreUnavailable, touchesAccess } from '@agentmix/act-core';
import type {
  Bus,
  Caller,
  Commit,
  KeyProvider,
  LaneCommand,
  LeaseOfSession,
  ProjectState,
  Store,
  StoredQueryName,
} from '@agentmix/act-core';
import { hashSecret, keyText, makeSecret } from '../access/keys/api-key.ts';
import { makeAuditQueries } from '../audit/audit-queries.ts';
import type { HeadSignature, LogEnd } from '../audit/sign-head.ts';
import { Vault } from './artifacts/vault.ts';
import type { VaultEnvironment } from './artifacts/vault.ts';
import { unavailable } from './batch.ts';
import type { Giver, Outcome, Traced } from './batch.ts';
import { bringRowsUp } from './bring-rows-up.ts';
import { makeDatabaseClock } from './database-clock.ts';
import type { DatabaseClock } from './database-clock.ts';
import { Descriptions } from './descriptions.ts';
import { FanOut } from './fan-out.ts';
import type { Sink, Subscribed } from './fan-out.ts';
import { Lanes } from './lanes.ts';
import { Leases } from './leases.ts';
import { makeIds } from './make-ids.ts';
import { CROWD_COMMANDS, Overload } from './overload.ts';
import { Replicas } from './replicas.ts';
import { startSweeper } from './sweeper.ts';
import type { Retention } from './sweeper.ts';
import type { Tracing } from './tracing.ts';
import { WorkWaiters } from './work-waiters.ts';

export interface ServiceOptions extends Retention {
  readonly store: Store;
  /** Master keys of stored files. */
  readonly keys: KeyProvider;
  /** Tells other hubs of the database what this one does, and hears what they do; absent: there are none. */
  readonly bus?: Bus;
  /** Signs where a log ends; absent: this hub has no keys. */
  readonly signHead?: (end: LogEnd) => Promise<HeadSignature | undefined>;
  /** A member was erased by this process. */
  readonly onErased?: () => void;
  readonly log: (message: string, fields: Record<string, unknown>) => void;
  /** Members or keys were changed by this process. */
  readonly onAccessChanged?: () => void;
  /** Records of this process are in the log. */
  readonly onLogged?: (projectId: string) => void;
  /** This process changed a project’s live state. */
  readonly onStateChanged?: (projectId: string) => void;
  /** These sessions were heard by this process. */
  readonly onHeard?: (sessions: readonly LeaseOfSession[]) => void;
  /** Absent: no call is traced. */
  readonly tracing?: Tracing;
  /** Events that are not carried to Kafka yet; absent: they are carried nowhere. */
  readonly relayBacklog?: () => number;
  readonly onCommit?: (commit: Commit, seconds: number) => void;
  /** A record was offered to the streams of its project, so long after it was decided. */
  readonly onFanOut?: (seconds: number) => void;
}

export interface CallOptions extends Traced {
  readonly signal?: AbortSignal;
  /** Absent: the hub itself gives the command. */
  readonly caller?: Caller;
}

export type Answer<T> = { readonly ok: true; readonly value: T } | Extract<Outcome, { ok: false }>;

/** The hub without its doors: commands through lanes, queries from the store, streams by cursor. */
export class CoordinationService {
  readonly clock: DatabaseClock = makeDatabaseClock();
  /** A version 7 UUID stamped by the database’s clock. */
  readonly newId = makeIds(this.clock.now);
  readonly lanes: Lanes;
  readonly fanOut: FanOut;
  readonly overload = new Overload(() => this.lanes.waitedMs(CROWD_COMMANDS));
  readonly tracing: Tracing | undefined;
  /** Contents of stored files. */
  readonly vault: Vault;
  readonly #store: Store;
  readonly #leases: Leases;
  readonly #descriptions: Descriptions;
  readonly #waiters = new WorkWaiters();
  readonly #replicas: Replicas | undefined;
  readonly #audit: ReturnType<typeof makeAuditQueries>;
  readonly #sweeper: ReturnType<typeof startSweeper>;
  readonly #options: ServiceOptions;
  #isStopping = false;
  #eventsCommitted = 0;

  constructor(options: ServiceOptions) {
    const { store, log } = options;
    this.#options = options;
    this.tracing = options.tracing;
    this.#store = store;
    this.#leases = new Leases(store, options.onHeard);
    this.fanOut = new FanOut(store, ({ at }) => options.onFanOut?.((this.clock.now() - at) / 1_000));
    this.#descriptions = new Descriptions(store);
    this.#audit = makeAuditQueries(store, options.signHead ?? (async () => undefined));
    this.lanes = new Lanes({
      store,
      log,
      clock: this.clock,
      newId: this.newId,
      onCommitted: (commit, seconds) => this.#committed(commit, seconds),
      isShared: options.bus !== undefined,
      onLoaded: (projectId, seq) => this.#moved(projectId, seq),
      onBeaten: (projectId) => this.#replicas?.wantTo(projectId),
      onSpoke: (projectId, sessionId) => this.#leases.spoke(projectId, sessionId),
    });
    this.#replicas = options.bus && this.#joinReplicas(options.bus);
    const stateOf: VaultEnvironment['stateOf'] = (projectId) =>
      this.lanes.of(projectId).read((state) => state && { status: state.status, settings: state.settings });
    this.vault = new Vault({ store: store.artifacts, keys: options.keys, stateOf, log });
    const submit = (projectId: string, command: LaneCommand): Promise<Outcome> =>
      this.lanes.of(projectId).submit(this.newId(), command);
    this.#sweeper = startSweeper({
      store,
      lanes: this.lanes,
      leases: this.#leases,
      vault: this.vault,
      clock: this.clock,
      submit,
      retention: options,
      log,
      eventsCommitted: () => this.#eventsCommitted,
    });
  }

  /** Runs one command of the contract. `id` is its idempotency key; the same id gives the same answer for 24 hours. */
  command<N extends CommandName>(
    name: N,
    projectId: string,
    input: CommandInput<N>,
    id: string,
    options: CallOptions = {},
  ): Promise<Outcome> {
    if (name === 'agent.heartbeat')
      return this.#heartbeat(projectId, (input as CommandInput<'agent.heartbeat'>).sessionId, options.caller);
    if (name === 'artifact.rewrap')
      return this.#rewrap(projectId, (input as CommandInput<'artifact.rewrap'>).after);
    const command = { name, input } as unknown as LaneCommand;
    if (command.name === 'task.next') return this.#next(projectId, command, id, options);
    if (command.name === 'key.create' || command.name === 'key.rotate')
      return this.#makeKey(projectId, command, id, options);
    return this.#submit(projectId, command, id, options);
  }

  async query<N extends QueryName>(
    name: N,
    projectId: string,
    input: QueryInput<N>,
  ): Promise<Answer<QueryOutput<N> | undefined>> {
    try {
      // The log’s own queries are told by the log; the table pairs name and input, which TypeScript cannot follow.
      if (name === 'audit.head') return (await this.#audit.head(projectId)) as Answer<QueryOutput<N>>;
      if (name === 'audit.list') {
        const { after } = input as QueryInput<'audit.list'>;
        return (await this.#audit.list(projectId, after)) as Answer<QueryOutput<N>>;
      }
      if (this.#store.defersRows && projectId !== '') await bringRowsUp(this.#store, this.lanes, projectId);
      const value = await this.#store.query(name as StoredQueryName, projectId, input as never);
      return { ok: true, value: value as QueryOutput<N> | undefined };
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      return unavailable('the database does not answer');
    }
  }

  subscribe(projectId: string, after: number | undefined, sink: Sink): Promise<Subscribed> {
    return this.fanOut.subscribe(projectId, after, sink).catch((error: unknown): Subscribed => {
      if (!(error instanceof StoreUnavailable)) throw error;
      return { refusal: { code: 'unavailable', data: { retryAfter: 1 } } };
    });
  }

  /** Whether it hears what other hubs of the database do; undefined: there can be none. */
  get isHearing(): boolean | undefined {
    return this.#options.bus?.isHearing;
  }

  /** Events that are not carried to Kafka yet; undefined: they are carried nowhere. */
  get relayBacklog(): number | undefined {
    return this.#options.relayBacklog?.();
  }

  /** Whether the database answers. */
  async isReady(): Promise<boolean> {
    return this.#store.clock().then(
      (now) => (this.clock.anchor(now), true),
      () => false,
    );
  }

  /** From now on nobody waits for work: who does is told that there is none. */
  endWaiting(): void {
    this.#isStopping = true;
    this.#waiters.wakeAll();
  }

  async stop(): Promise<void> {
    this.endWaiting();
    this.overload.close();
    await this.#sweeper.stop();
    await this.lanes.drain();
    await this.#replicas?.close();
    this.fanOut.closeAll({ code: 'unavailable', detail: 'the hub is stopping', data: { retryAfter: 1 } });
  }

  #joinReplicas(bus: Bus): Replicas {
    const { store, log } = this.#options;
    const { lanes, fanOut } = this;
    return new Replicas({
      bus,
      store,
      log,
      projectIds: function* () {
        for (const { projectId, state } of lanes.all()) if (state) yield projectId;
        yield* fanOut.projectIds();
      },
      onMoved: (projectId, seq) => {
        const lane = lanes.peek(projectId);
        if (!lane || lane.heard(seq)) this.#moved(projectId, seq);
      },
    });
  }

  /** The project is at this sequence number, by whomever: who follows it or waits for its work is told. */
  #moved(projectId: string, seq: number): void {
    this.fanOut.advance(projectId, seq);
    this.#waiters.wake(projectId);
  }

  /** Whether a member may read and speak as an agent; true where there is no such project. */
  async maySpeakAs(projectId: string, memberId: string, agentId: string): Promise<Answer<boolean>> {
    const may = (state?: ProjectState): boolean => !state || maySpeakAs(state, memberId, agentId);
    return this.#answer(() => this.lanes.of(projectId).read(may));
  }

  async #answer<T>(read: () => Promise<T>): Promise<Answer<T>> {
    try {
      return { ok: true, value: await read() };
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      return unavailable('the database does not answer');
    }
  }

  #submit(projectId: string, command: LaneCommand, id: string, giver: Giver & Traced): Promise<Outcome> {
    const submitted = this.lanes.of(projectId).submit(id, command, giver);
    const isClaim = command.name === 'task.next' || command.name === 'task.claim';
    return isClaim ? submitted.then((outcome) => this.#withDescription(projectId, outcome)) : submitted;
  }

  /** Asks for work, and when there is none waits for some to become ready. */
  async #next(
    projectId: string,
    command: Extract<LaneCommand, { name: 'task.next' }>,
    id: string,
    { signal, ...giver }: CallOptions,
  ): Promise<Outcome> {
    const { sessionId, waitMs } = command.input;
    const until = performance.now() + waitMs;
    const release = this.lanes.of(projectId).seek(sessionId);
    try {
      for (;;) {
        const outcome = await this.#submit(projectId, command, id, giver);
        const left = until - performance.now();
        const isDone =
          !outcome.ok ||
          (outcome.output as { claim?: unknown }).claim !== undefined ||
          left <= 0 ||
          signal?.aborted ||
          this.#isStopping;
        if (isDone) return outcome;
        this.#leases.spoke(projectId, sessionId);
        if (!(await this.#waiters.wait(projectId, left, signal))) return outcome;
      }
    } finally {
      release();
    }
  }

  /** Draws a secret where the caller made none: it is answered once and only its hash is kept. */
  async #makeKey(
    projectId: string,
    command: Extract<LaneCommand, { name: 'key.create' | 'key.rotate' }>,
    id: string,
    giver: CallOptions,
  ): Promise<Outcome> {
    if (command.input.secretHash !== undefined) return this.#submit(projectId, command, id, giver);
    const secret = makeSecret();
    const outcome = await this.#submit(projectId, command, id, {
      ...giver,
      secretHash: hashSecret(secret).toString('hex'),
    });
    if (!outcome.ok || outcome.isRepeated) return outcome;
    const { keyId } = outcome.output as { keyId: string };
    return { ...outcome, output: { keyId, key: keyText(keyId, 'live', secret) } };
  }

  async #heartbeat(projectId: string, sessionId: string, caller: Caller | undefined): Promise<Outcome> {
    const lane = this.lanes.of(projectId);
    const beat = (state?: ProjectState): Outcome => this.#beat(projectId, state, sessionId, caller);
    const known = await this.#answer(async () => beat(await lane.recall()));
    const answer = known.ok ? known.value : known;
    // Thousands of heartbeats a second are answered from memory; that a session is unknown may be news from elsewhere.
    if (answer.ok || !this.#replicas) return answer;
    const read = await this.#answer(() => lane.read(beat));
    return read.ok ? read.value : read;
  }

  #beat(
    projectId: string,
    state: ProjectState | undefined,
    sessionId: string,
    caller: Caller | undefined,
  ): Outcome {
    if (!state) return { ok: false, refusal: refusal('project_not_found', `no project ${projectId}`) };
    const beat = { name: 'agent.heartbeat', input: { sessionId } } as const;
    const refused = caller && checkCaller(state, beat, caller, this.clock.now());
    if (refused) return { ok: false, refusal: refused.refusal };
    const session = state.sessions.get(sessionId);
    if (!session)
      return { ok: false, refusal: refusal('session_expired', `session ${sessionId} is not live`) };
    this.#leases.spoke(projectId, sessionId);
    const held = [...session.held].map((taskId) => ({ taskId, epoch: state.tasks.get(taskId)?.epoch ?? 0 }));
    return { ok: true, output: { leaseMs: session.leaseMs, held }, seq: state.seq };
  }

  async #rewrap(projectId: string, after: string | undefined): Promise<Outcome> {
    const done = await this.vault.rewrap(projectId, after);
    return done.ok ? { ok: true, output: done.value, seq: this.lanes.of(projectId).state?.seq ?? 0 } : done;
  }

  /** A claim tells everything needed to start; the description is not in memory. */
  #withDescription(projectId: string, outcome: Outcome): Outcome | Promise<Outcome> {
    if (!outcome.ok) return outcome;
    const { claim, task } = outcome.output as { claim?: { task?: Task }; task?: Task };
    const claimed = task ?? claim?.task;
    const hash = claimed && this.lanes.of(projectId).state?.tasks.get(claimed.id)?.descriptionHash;
    if (!claimed || hash === 0) return outcome;
    return this.#descriptions.get(projectId, claimed.id).then(
      (description) => {
        if (description !== undefined) claimed.description = description;
        return outcome;
      },
      // The claim stands whether or not the description can be read: it can be asked for again.
      () => outcome,
    );
  }

  #committed(commit: Commit, seconds: number): void {
    const { record, changes } = commit;
    if (touchesAccess(changes)) this.#options.onAccessChanged?.();
    if (changes.erased.size > 0) this.#options.onErased?.();
    this.#eventsCommitted += record.lastSeq - record.firstSeq + 1;
    this.fanOut.publish(record);
    this.#replicas?.committed(record.projectId, record.lastSeq);
    this.#waiters.wake(record.projectId);
    this.#options.onLogged?.(record.projectId);
    if (changes.events.some(({ type }) => type === 'state.updated'))
      this.#options.onStateChanged?.(record.projectId);
    this.#options.onCommit?.(commit, seconds);
  }
}
