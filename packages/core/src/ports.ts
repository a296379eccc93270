import type { MemberKind, QueryInput, QueryName, QueryOutput, Role } from '@agentmix/act-contract';
import type { Changes } from './changes.ts';
import type { ProjectImage } from './image.ts';
import type { LiveState } from './shared.ts';
import type { ProjectState, TaskState } from './state.ts';

/** One commit of a project’s log, as stored: `eventsText` is the JSON array that subscribers get byte for byte. */
export interface LogRecord {
  readonly projectId: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Epoch milliseconds. */
  readonly at: number;
  /** The commands of the batch in order, how many events each made, and a fingerprint of name and input. */
  readonly commandIds: readonly string[];
  /** The member that gave each command; `HUB_ACTOR` where the hub itself did. */
  readonly actors: readonly string[];
  readonly eventCounts: readonly number[];
  readonly fingerprints: readonly number[];
  /** The latest time inside any command id up to this record, in epoch milliseconds: see `Recent`. */
  readonly idHigh: number;
  readonly eventsText: string;
  readonly previousHash: string;
  readonly hash: string;
}

/** The store reads `state` and `changes` before its `commit` first waits: the caller goes on changing them at once. */
export interface Commit {
  readonly record: LogRecord;
  readonly expectedSeq: number;
  /** The state after the batch; rows are written from it as `changes` says. */
  readonly state: ProjectState;
  readonly changes: Changes;
  /** Only the record now; its rows come with a later commit or flush. Given only to a store that `defersRows`. */
  readonly isRecordOnly?: boolean;
}

/** Rows of tasks that earlier records of this process changed, as they are at this sequence number. */
export interface Flush {
  readonly projectId: string;
  readonly seq: number;
  readonly tasks: readonly TaskState[];
}

/**
 * `stale`: another writer was faster. `lease_live`: these sessions’ leases have not run out. `not_uploaded`: of these
 * files no complete upload has the size and hash that the commit tells. Times in epoch milliseconds.
 */
export type CommitOutcome =
  | { readonly outcome: 'committed'; readonly clock: number }
  | { readonly outcome: 'stale' }
  | { readonly outcome: 'lease_live'; readonly sessionIds: readonly string[] }
  | { readonly outcome: 'not_uploaded'; readonly artifacts: readonly NotUploaded[] };

export interface NotUploaded {
  readonly artifactId: string;
  readonly sha256: string;
}

/** The data of a commit was refused by the database: one of its commands is the culprit, the connection is fine. */
export class StoreRejected extends Error {
  override readonly name = 'StoreRejected';
}
/** The outcome is unknown or nothing happened: repeating resolves it. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

export interface LeaseOfSession {
  readonly projectId: string;
  readonly sessionId: string;
}

export interface CommandRecord {
  readonly commandId: string;
  readonly fingerprint: number;
  /** JSON array of the command’s events. */
  readonly eventsText: string;
}

export interface Loaded {
  /** The rows, which may be behind the log by the records in `unwritten`. */
  readonly image: ProjectImage;
  readonly unwritten: readonly LogRecord[];
  /** The log’s newest records, oldest first, as many as fit `recentCommandsMax`. */
  readonly tail: readonly LogRecord[];
  /** `idHigh` of the record before the tail, 0 when the tail reaches the beginning. */
  readonly idHighBefore: number;
}

/** A key, its member, and everything a door has to know of both. Times in epoch milliseconds. */
export interface Credential {
  readonly projectId: string;
  readonly memberId: string;
  readonly kind: MemberKind;
  /** The member’s role. */
  readonly role: Role;
  readonly agentId?: string;
  readonly isRemoved: boolean;
  readonly key?: {
    readonly id: string;
    readonly secretHash: string;
    readonly role?: Role;
    readonly expiresAt?: number;
    readonly isRevoked: boolean;
  };
}

/** What doors ask about members and keys, across projects. */
export interface AccessStore {
  findKey(keyId: string): Promise<Credential | undefined>;
  /** A member without a key, as a token from elsewhere names it. */
  findMember(projectId: string, memberId: string): Promise<Credential | undefined>;
  /** Keys, and members without one, that changed since a time of the store’s clock, and that clock now. */
  accessChanges(since: number): Promise<{ readonly now: number; readonly credentials: Credential[] }>;
  /** Notes that keys were used: for people who look for keys that nobody needs. */
  noteUses(keyIds: readonly string[]): Promise<void>;
}

/** One attempt to send a file. A later one of the same file has a higher number, and what this one writes is refused. */
export interface Upload {
  readonly projectId: string;
  readonly artifactId: string;
  readonly number: number;
}

/** What is asked for to begin an upload. */
export interface UploadWanted {
  readonly projectId: string;
  readonly artifactId: string;
  /** Announced size of the plaintext. */
  readonly bytes: number;
  /** Of the plaintexts of all files of the project, uploads included. */
  readonly bytesMax: number;
  readonly key: WrappedKey;
}

/** A file that is visible, with what is needed to decrypt it. */
export interface SealedArtifact {
  /** Of the plaintext. */
  readonly bytes: number;
  readonly sha256: string;
  readonly name: string;
  readonly mediaType: string;
  readonly key: WrappedKey;
}

/**
 * Contents of stored files as sealed chunks, numbered from 0; a store never sees plaintext. An upload becomes visible
 * by a commit that stores it (`CommitOutcome`), and never before its `finish` is durable.
 */
export interface ArtifactStore {
  /** Begins an upload, or begins it anew. `stored`: a file of this id is visible. `full`: so many bytes are taken. */
  begin(
    wanted: UploadWanted,
  ): Promise<
    | { readonly outcome: 'begun'; readonly upload: Upload }
    | { readonly outcome: 'stored' }
    | { readonly outcome: 'full'; readonly bytes: number }
  >;
  /** Writes chunks from a number on, all but the last of one length; false: the upload is over. */
  append(upload: Upload, first: number, chunks: readonly Uint8Array[]): Promise<boolean>;
  /** All chunks are there, and durable when this resolves; false: the upload is over. */
  finish(upload: Upload, sha256: string): Promise<boolean>;
  find(projectId: string, artifactId: string): Promise<SealedArtifact | undefined>;
  /** Chunks of a visible file from a number on, in order, at most so many; a missing one ends them. */
  read(projectId: string, artifactId: string, first: number, limit: number): Promise<Uint8Array[]>;
  /** Forgets deleted files, and uploads that nobody went on with for so long, at most so many; returns how many. */
  sweep(idleMs: number, limit: number): Promise<number>;
  /** Wrapped data keys that another master key than this one made, by their files’ ids, from the one after an id. */
  keysToRewrap(
    projectId: string,
    currentKeyId: string,
    after: string | undefined,
    limit: number,
  ): Promise<readonly { readonly artifactId: string; readonly key: WrappedKey }[]>;
  /** Replaces a wrapped key; false: it was replaced or deleted meanwhile. */
  replaceKey(projectId: string, artifactId: string, before: WrappedKey, after: WrappedKey): Promise<boolean>;
}

/** Queries that are answered from rows; a head has to be signed, and records are the log’s. */
export type StoredQueryName = Exclude<QueryName, 'audit.head' | 'audit.list'>;

/** What is forgotten because it is old. Times in epoch milliseconds; each call does a bounded part and tells how much. */
export interface RetentionStore {
  /** Erases the contents of messages that were read before the time. */
  eraseReadMessages(before: number): Promise<number>;
  /** Forgets history that `event.list` reads, of before the time; the log is not touched. */
  trimHistory(before: number): Promise<number>;
}

/** A project whose log goes on after what was carried, and which nobody else carries while the lease runs. */
export interface RelayLease {
  readonly projectId: string;
  /** Everything up to here is carried. */
  readonly seq: number;
  /** What the log still keeps begins here. */
  readonly startSeq: number;
}

/** How far a project is carried now, and for how long nobody is to go on with it. */
export interface RelayMove {
  readonly projectId: string;
  readonly seq: number;
  readonly restMs: number;
}

/** How far each project’s log was carried to where others consume it, and which hub is at it. */
export interface RelayStore {
  /** Takes projects that have something to carry, at most so many; of the named ones only, where some are named. */
  takeRelays(owner: string, leaseMs: number, limit: number, among?: readonly string[]): Promise<RelayLease[]>;
  /** Notes how far projects are carried, never back, and gives up their leases. */
  moveRelays(owner: string, moves: readonly RelayMove[]): Promise<void>;
  /** How many events of all projects are not carried yet. */
  relayBacklog(): Promise<number>;
}

/** A topic that others consume. */
export interface EventTopic {
  /**
   * Appends records of one project, in their order. Resolves when they will not be lost; after anything else the
   * caller does not know, and appends them again.
   */
  append(records: readonly LogRecord[]): Promise<void>;
  close(): Promise<void>;
}

/**
 * Records of a log, oldest first. `startSeq` is the first sequence number still kept, `lastSeq` where the log ends; the
 * rows of records up to `writtenSeq` are written.
 */
export interface LogPart {
  readonly records: LogRecord[];
  readonly startSeq: number;
  readonly lastSeq: number;
  readonly writtenSeq: number;
}

/** A writer’s turn in a project, for one batch. */
export interface Turn {
  /** As it was when the turn began; undefined: there is no such project. */
  readonly log: LogPart | undefined;
  /** Commits, and ends the turn with that: who comes next begins with it. */
  commit(commit: Commit): Promise<CommitOutcome>;
  /** Where nothing is to be committed. */
  end(): void;
}

/** The truth: PostgreSQL in every real deployment, memory in the simulator. All times are the store’s clock. */
export interface Store extends AccessStore, RetentionStore, RelayStore {
  /** Whether records may be committed before their rows. Queries read rows: whoever asks flushes first. */
  readonly defersRows: boolean;
  /** Writes deferred rows; `stale` when the project has moved on. */
  flush(flush: Flush): Promise<CommitOutcome>;
  /** Where the project’s log ends, and up to which of its records the rows are written. */
  rowsReach(
    projectId: string,
  ): Promise<{ readonly lastSeq: number; readonly writtenSeq: number } | undefined>;
  clock(): Promise<number>;
  load(projectId: string, recentCommandsMax: number): Promise<Loaded | undefined>;
  /** Commits of one project take effect in the order of the calls. */
  commit(commit: Commit): Promise<CommitOutcome>;
  /** Records that end after `afterSeq`, at most so many events’ worth of bytes. */
  readLog(projectId: string, afterSeq: number, bytesMax: number): Promise<LogPart | undefined>;
  /** Where the project says that its log ends: not read from the log itself, so that a log cut short is noticed. */
  logHead(
    projectId: string,
  ): Promise<{ readonly startSeq: number; readonly lastSeq: number; readonly hash: string } | undefined>;
  /** Where the logs of these projects end; a project that does not exist is left out. */
  lastSeqs(projectIds: readonly string[]): Promise<Map<string, number>>;
  /**
   * Waits, at most so long, until no other writer that asked for it has its turn in the project, and then reads its log
   * as `readLog` does, at least the next record. It saves those who write at the same moment from deciding in vain, and protects nothing: it may
   * end by itself, and undefined says that none is to be had.
   */
  takeTurn(projectId: string, waitMs: number, afterSeq: number): Promise<Turn | undefined>;
  /** Looks for commands in the records committed since a time. */
  findCommands(projectId: string, commandIds: readonly string[], since: number): Promise<CommandRecord[]>;
  /** Sets the leases of these sessions to now + their length. */
  renewLeases(sessions: readonly LeaseOfSession[]): Promise<void>;
  /** Notes that a hub serves now; when none did for longer than `gapMs`, that time is added to every lease. Returns the gap. */
  beat(gapMs: number): Promise<number>;
  /** Sessions whose leases ran out more than `graceMs` ago, at most so many. */
  expiredSessions(limit: number, graceMs?: number): Promise<LeaseOfSession[]>;
  /** Copies a bounded part of the log into the history that `event.list` reads; returns whether there is more. */
  fillHistory(): Promise<boolean>;
  /**
   * Forgets records older than the time, all projects, never the last record of one; returns how many. Keeps what is
   * not carried yet, where it `keepsUncarried`.
   */
  trimLog(before: number, keepsUncarried?: boolean): Promise<number>;
  query<N extends StoredQueryName>(
    name: N,
    projectId: string,
    input: QueryInput<N>,
  ): Promise<QueryOutput<N> | undefined>;
  readonly artifacts: ArtifactStore;
  /** The shared live state, whole, with the place in the log that it is of. */
  liveState(projectId: string): Promise<LiveState | undefined>;
  /** Descriptions of tasks that have one. */
  descriptions(projectId: string, taskIds: readonly string[]): Promise<Map<string, string>>;
  close(): Promise<void>;
}

/** A data key, encrypted by the master key that `keyId` names. Both are safe to store beside what the data key encrypts. */
export interface WrappedKey {
  readonly keyId: string;
  readonly wrapped: Uint8Array;
}

/** No master key of this provider made the wrapped key for this context, or it was altered: asking again cannot help. */
export class KeyRefused extends Error {
  override readonly name = 'KeyRefused';
}

/**
 * Master keys that encrypt data keys: a file, the environment, or a key management service, whose Encrypt and Decrypt
 * fit `wrap` and `unwrap` one to one: `context` is its encryption context (additional authenticated data), `keyId` its
 * key version. A provider may hold several master keys: the current one wraps, all unwrap, so that rotation is
 * wrapping anew whatever `unwrap` takes and `currentKeyId` did not make.
 */
export interface KeyProvider {
  /** Id of the master key that `wrap` uses. */
  readonly currentKeyId: string;
  /** Encrypts a data key of 16 to 64 bytes; `context` says what it is for, such as `file <uuid>`. */
  wrap(dataKey: Uint8Array, context: string): Promise<WrappedKey>;
  /** The data key. Rejects with `KeyRefused`; with any other error where the master key could not be reached. */
  unwrap(key: WrappedKey, context: string): Promise<Uint8Array>;
}

/** A key that signs access tokens, its private half wrapped. Times in epoch milliseconds of the store’s clock. */
export interface SigningKey {
  /** 1, 2, 3 … in the order of rotation. */
  readonly number: number;
  readonly kid: string;
  readonly privateKey: WrappedKey;
  readonly createdAt: number;
}

/** The signing keys of the whole hub, the same for every process. */
export interface SigningKeyStore {
  /** Keys that are not retired, oldest first; the last number ever given; the store’s time. */
  list(): Promise<{
    readonly keys: readonly SigningKey[];
    readonly lastNumber: number;
    readonly now: number;
  }>;
  /** Adds a key; false when another hub was faster with this number. */
  add(key: Omit<SigningKey, 'createdAt'>): Promise<boolean>;
  /** Destroys what was stored of the private half; the key’s number is never given again. */
  retire(kid: string): Promise<void>;
}

/** Whom a refresh token was given to. */
export interface RefreshGrant {
  readonly memberId: string;
  readonly projectId: string;
  /** The API key it was exchanged for. */
  readonly keyId: string;
}

/** A refresh token and all that follow from it, one valid at a time. */
export interface RefreshFamily extends RefreshGrant {
  readonly familyId: string;
  /** SHA-256 of the valid token’s secret, hexadecimal. */
  readonly secretHash: string;
}

/** Of a family, however often it is used, and of one that is not used. */
export interface RefreshLife {
  readonly lifeMs: number;
  readonly idleMs: number;
}

/** `reused`: the family exists and this is not its valid token. It has ended with this answer, as it has with `expired`. */
export type RefreshOutcome =
  | { readonly outcome: 'rotated'; readonly grant: RefreshGrant; readonly expiresAt: number }
  | { readonly outcome: 'unknown' | 'expired' | 'reused' };

/** Refresh tokens of the whole hub. */
export interface RefreshTokenStore {
  /** Begins a family; more than `familiesMax` of one API key end, oldest first. */
  open(family: RefreshFamily, life: RefreshLife, familiesMax: number): Promise<void>;
  /** Spends the token with this secret and makes the next one valid, in one step; of several callers one succeeds. */
  rotate(
    familyId: string,
    secretHash: string,
    nextSecretHash: string,
    life: Pick<RefreshLife, 'idleMs'>,
  ): Promise<RefreshOutcome>;
  /** Forgets expired families; returns how many. */
  forgetExpired(): Promise<number>;
}
