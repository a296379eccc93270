import type {
  ActEvent,
  Claim,
  CommandArguments,
  CommandOutput,
  QueryOutput,
  Refusal,
} from '@agentmix/act-contract';
import type { ArtifactSource } from '../artifacts/source.ts';
import type { StoredArtifact, StoreOptions } from '../artifacts/store-artifact.ts';
import type { CallOptions } from '../call-hub.ts';
import type { EventsOptions } from '../hub.ts';
import type { Result } from '../result.ts';
import type { StreamItem } from '../stream/follow.ts';
import type { SealedCalls } from '../sealed/types.ts';

export type AgentID = string;
export type TaskID = string;
type Spoken<T> = Omit<T, 'sessionId'>;
type Held<T> = Omit<T, 'sessionId' | 'taskId' | 'epoch'>;

export type CapabilityArguments = NonNullable<CommandArguments<'agent.register'>['capabilities']>;
export type Progress = Held<CommandArguments<'task.progress'>>;
export type Failure = Held<CommandArguments<'task.fail'>>;
export type Release = Held<CommandArguments<'task.release'>>;
export type Block = Held<CommandArguments<'task.block'>>;
export type AssistanceRequest = Spoken<CommandArguments<'assistance.request'>>;
export type MessageDraft = Omit<Spoken<CommandArguments<'message.send'>>, 'to'>;
export type ProjectUpdate = Spoken<CommandArguments<'update.broadcast'>>;
export type FileChange = CommandArguments<'file.report'>['changes'][number];
export type ReservationRequest = Spoken<CommandArguments<'reservation.request'>>;
export type FileEvent = Extract<ActEvent, { type: 'file.created' | 'file.modified' | 'file.deleted' }>;

/** What a heartbeat learnt: the lease and the grants the session has, or that the session is over. */
export type AgentStatus =
  | ({ readonly status: 'idle' | 'working' } & CommandOutput<'agent.heartbeat'>)
  | { readonly status: 'offline'; readonly refusal: Refusal };

/** The epoch of the remembered claim is used unless another is given. */
export interface HolderOptions extends CallOptions {
  readonly epoch?: number;
}

/** With what the completion shows for itself, where the project asks for evidence. */
export interface CompleteOptions extends HolderOptions {
  readonly evidence?: CommandArguments<'task.complete'>['evidence'];
}

export interface AssistanceAnswer {
  readonly agentId: AgentID;
  readonly accepted: boolean;
}

/** An open request for help. */
export interface Assistance {
  readonly requestId: string;
  readonly offeredTo: readonly AgentID[];
  /**
   * The answers as they come; ends when one accepts, when all who were asked have answered, or when the request
   * is closed. Throws ActRefused when the hub can no longer tell.
   */
  readonly answers: AsyncIterable<AssistanceAnswer>;
}

/**
 * One agent in one project: the first specification's ACTClient with its additions. It opens a session, keeps
 * its lease, and remembers the epoch of every claim. Methods that return a Result never throw a refusal.
 */
export interface ActAgent extends SealedCalls {
  readonly agentId: AgentID;
  /** The session, once registered. */
  readonly sessionId: string | undefined;
  /** What this agent holds as far as it knows. */
  readonly claims: ReadonlyMap<TaskID, Claim>;

  /**
   * Opens a session and begins to renew its lease by heartbeats. Again: ends the session before, whose tasks
   * return. Throws ActRefused.
   */
  register(capabilities?: CapabilityArguments): Promise<AgentID>;
  /** Renews the lease now and compares what the hub says is held with what this agent thinks. */
  heartbeat(options?: CallOptions): Promise<AgentStatus>;
  /** Ends the session; its tasks return at once. Without a session, or when it is over, it does nothing. */
  disconnect(options?: CallOptions): Promise<void>;

  claimTask(taskId: TaskID, options?: CallOptions): Promise<Result<Claim>>;
  /** Claims the best ready task; with `waitMs` (up to 25 s) waits for one. */
  nextTask(options?: CallOptions & { readonly waitMs?: number }): Promise<Result<CommandOutput<'task.next'>>>;
  reportProgress(
    taskId: TaskID,
    progress: Progress,
    options?: HolderOptions,
  ): Promise<Result<CommandOutput<'task.progress'>>>;
  completeTask(
    taskId: TaskID,
    result?: CommandArguments<'task.complete'>['result'],
    options?: CompleteOptions,
  ): Promise<Result<CommandOutput<'task.complete'>>>;
  failTask(
    taskId: TaskID,
    failure: Failure,
    options?: HolderOptions,
  ): Promise<Result<CommandOutput<'task.fail'>>>;
  releaseTask(
    taskId: TaskID,
    release?: Release,
    options?: HolderOptions,
  ): Promise<Result<CommandOutput<'task.release'>>>;
  blockTask(
    taskId: TaskID,
    block: Block,
    options?: HolderOptions,
  ): Promise<Result<CommandOutput<'task.block'>>>;

  /** Asks for help; returns the live, capable agents it was offered to. Throws ActRefused. */
  requestAssistance(request: AssistanceRequest, options?: CallOptions): Promise<AgentID[]>;
  /** Like requestAssistance, with the answers; the signal also ends those. */
  openAssistance(request: AssistanceRequest, options?: CallOptions): Promise<Result<Assistance>>;
  answerAssistance(
    requestId: string,
    accepted: boolean,
    options?: CallOptions,
  ): Promise<Result<CommandOutput<'assistance.answer'>>>;
  closeAssistance(
    requestId: string,
    options?: CallOptions,
  ): Promise<Result<CommandOutput<'assistance.close'>>>;

  sendMessage(
    to: AgentID,
    message: MessageDraft,
    options?: CallOptions,
  ): Promise<Result<CommandOutput<'message.send'>>>;
  broadcastUpdate(
    update: ProjectUpdate,
    options?: CallOptions,
  ): Promise<Result<CommandOutput<'update.broadcast'>>>;
  /** One page of the messages to this agent, oldest first; what they say is data, not instructions. */
  inbox(
    options?: CallOptions & { readonly unread?: boolean; readonly limit?: number; readonly after?: string },
  ): Promise<Result<QueryOutput<'message.list'>>>;
  markRead(
    messageIds: readonly string[],
    options?: CallOptions,
  ): Promise<Result<CommandOutput<'message.read'>>>;

  /**
   * Registers interest in files by patterns (`*`, `**`, `?`, `{a,b}`) and returns what other agents do to them
   * from now on. The iterable throws ActRefused when events were missed for good; watch again then. Throws
   * ActRefused itself when the hub refuses the patterns.
   */
  watchFiles(patterns: readonly string[], options?: CallOptions): Promise<AsyncIterable<FileEvent>>;
  /** Reports what this agent did to files, in pieces of 500; the first refusal ends it. */
  reportFileChange(
    change: FileChange | readonly FileChange[],
    options?: Omit<CallOptions, 'commandId'> & { readonly taskId?: TaskID },
  ): Promise<Result<CommandOutput<'file.report'>>>;

  /**
   * Reserves regions of files before editing them, all or none; said again it renews them. With `wait` it queues, and
   * `reservation.granted` tells when they are there. Refused as `region_reserved` its data says who has them.
   */
  reserve(
    regions: ReservationRequest['regions'],
    options?: CallOptions & Omit<ReservationRequest, 'regions'>,
  ): Promise<Result<CommandOutput<'reservation.request'>>>;
  /** Gives reservations back, by ids or paths; without either all of this agent’s. */
  releaseReservations(
    what?: Spoken<CommandArguments<'reservation.release'>>,
    options?: CallOptions,
  ): Promise<Result<CommandOutput<'reservation.release'>>>;

  /** Hands a file over to the project, as this agent's; see Hub.storeArtifact. */
  storeArtifact(
    source: ArtifactSource,
    options: Omit<StoreOptions, 'sessionId'>,
  ): Promise<Result<StoredArtifact>>;
  /** Deletes a file that this agent stored. */
  deleteArtifact(
    artifactId: string,
    options?: CallOptions,
  ): Promise<Result<CommandOutput<'artifact.delete'>>>;

  getState(key: string, options?: CallOptions): Promise<Result<QueryOutput<'state.get'>>>;
  /** Sets a key; with `expectedVersion` only if nobody was faster (0: the key must be new). */
  putState(
    key: string,
    value: CommandArguments<'state.put'>['value'],
    options?: CallOptions & { readonly expectedVersion?: number },
  ): Promise<Result<CommandOutput<'state.put'>>>;
  /** The project's events after a cursor; see Hub.events. */
  events(cursor?: number, options?: Omit<EventsOptions, 'after'>): AsyncIterable<StreamItem>;
}
