import { frameText, refusal } from '@agentmix/act-contract';
import type { Refusal } from '@agentmix/act-contract';
import type { LogRecord, Store } from '@agentmix/act-core';

const BACKFILL_BYTES = 262_144;
/** A subscriber that takes nothing for this long is closed; it can come back with its cursor. */
const STUCK_MS_MAX = 30_000;

/** A record on its way to subscribers; every encoding is made once for all of them. */
export class OutgoingFrame {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly text: string;
  readonly events: number;
  #sse: Buffer | undefined;

  constructor(record: LogRecord) {
    this.firstSeq = record.firstSeq;
    this.lastSeq = record.lastSeq;
    this.events = record.lastSeq - record.firstSeq + 1;
    this.text = frameText(
      record.projectId,
      record.firstSeq,
      record.lastSeq,
      new Date(record.at).toISOString(),
      record.eventsText,
    );
  }

  get sse(): Buffer {
    this.#sse ??= Buffer.from(`id: ${this.lastSeq}\nevent: frame\ndata: ${this.text}\n\n`);
    return this.#sse;
  }
}

/** Where frames go: a door’s connection. */
export interface Sink {
  /** False: the connection is full, and `whenDrained` tells when not. */
  send(frame: OutgoingFrame): boolean;
  whenDrained(): Promise<void>;
  close(reason: Refusal, cursor: number): void;
}

export interface Subscription {
  readonly cursor: number;
  cancel(): void;
}

interface Follower {
  readonly projectId: string;
  readonly sink: Sink;
  cursor: number;
  /** Live followers get records as they are committed; others are being filled from the log. */
  isLive: boolean;
  /** The last sequence number that was published while it was not live: it goes live only from there on. */
  missed: number;
  isCancelled: boolean;
}

export type Subscribed =
  | { readonly subscription: Subscription; readonly cursor: number; readonly seq: number }
  | { readonly refusal: Refusal };

/**
 * Delivery by cursor. A record that continues a follower’s cursor is sent on; anything else is filled from the log.
 * So records may be missed, repeated or come out of order here and delivery stays right: in order, without gaps. A
 * follower whose connection is full is not buffered for: it falls back to the log and catches up when it drains.
 */
export class FanOut {
  readonly #store: Store;
  readonly #followers = new Map<string, Set<Follower>>();
  /** How far the live followers of a project have to be brought, while the log is being read for them. */
  readonly #wanted = new Map<string, number>();
  readonly #onOffered: (record: LogRecord) => void;
  #delivered = 0;

  /** `onOffered`: a record was offered to all live followers of its project. */
  constructor(store: Store, onOffered: (record: LogRecord) => void = () => undefined) {
    this.#store = store;
    this.#onOffered = onOffered;
  }

  get subscribers(): number {
    let count = 0;
    for (const followers of this.#followers.values()) count += followers.size;
    return count;
  }

  get delivered(): number {
    return this.#delivered;
  }

  /** How many events the follower that is furthest behind has not been sent, of those that are known here. */
  get lag(): number {
    let lag = 0;
    for (const [projectId, followers] of this.#followers)
      for (const { isLive, missed, cursor } of followers)
        lag = Math.max(lag, (isLive ? (this.#wanted.get(projectId) ?? 0) : missed) - cursor);
    return lag;
  }

  /** Follows a project after a cursor, or from now on. */
  async subscribe(projectId: string, after: number | undefined, sink: Sink): Promise<Subscribed> {
    const log = await this.#store.readLog(projectId, after ?? Number.MAX_SAFE_INTEGER, 1);
    if (!log) return { refusal: refusal('project_not_found', `no project ${projectId}`) };
    const cursor = after ?? log.lastSeq;
    const refused = judgeCursor(cursor, log.startSeq, log.lastSeq);
    if (refused) return { refusal: refused };
    const follower: Follower = { projectId, sink, cursor, isLive: false, missed: 0, isCancelled: false };
    const followers = this.#followers.get(projectId) ?? new Set();
    this.#followers.set(projectId, followers.add(follower));
    // Started after the caller had its turn, so that its answer goes out before the first frame.
    setImmediate(() => void this.#catchUp(follower));
    const cancel = (): void => this.#cancel(follower);
    return {
      subscription: {
        get cursor() {
          return follower.cursor;
        },
        cancel,
      },
      cursor,
      seq: log.lastSeq,
    };
  }

  /** Projects that somebody follows. */
  projectIds(): Iterable<string> {
    return this.#followers.keys();
  }

  publish(record: LogRecord): void {
    this.#deliver(record);
    this.advance(record.projectId, record.lastSeq);
  }

  /** The project is known to be at this sequence number, though its records may not have come by here. */
  advance(projectId: string, seq: number): void {
    let isBehind = false;
    for (const follower of this.#followers.get(projectId) ?? []) {
      if (!follower.isLive) follower.missed = Math.max(follower.missed, seq);
      else if (follower.cursor < seq) isBehind = true;
    }
    if (!isBehind) return;
    const wanted = this.#wanted.get(projectId);
    this.#wanted.set(projectId, Math.max(seq, wanted ?? 0));
    if (wanted === undefined) void this.#bringUp(projectId);
  }

  #deliver(record: LogRecord): void {
    const followers = this.#followers.get(record.projectId);
    if (!followers) return;
    const frame = new OutgoingFrame(record);
    for (const follower of followers) {
      if (!follower.isLive || frame.firstSeq !== follower.cursor + 1) continue;
      if (!this.#send(follower, frame)) this.#fallBack(follower);
    }
    this.#onOffered(record);
  }

  /** Reads the log once for all live followers that other hubs’ commits left behind; the others have their own cursors. */
  async #bringUp(projectId: string): Promise<void> {
    for (;;) {
      const live = [...(this.#followers.get(projectId) ?? [])].filter(({ isLive }) => isLive);
      const cursor = Math.min(...live.map((follower) => follower.cursor));
      if (cursor >= (this.#wanted.get(projectId) ?? 0)) break;
      const log = await this.#store.readLog(projectId, cursor, BACKFILL_BYTES).catch(() => undefined);
      for (const record of log?.records ?? []) this.#deliver(record);
      // Whom this did not help looks for itself, and learns why.
      for (const follower of live)
        if (follower.isLive && follower.cursor === cursor) this.#fallBack(follower);
    }
    this.#wanted.delete(projectId);
  }

  closeAll(reason: Refusal): void {
    for (const followers of this.#followers.values())
      for (const follower of followers) this.#close(follower, reason);
  }

  #send(follower: Follower, frame: OutgoingFrame): boolean {
    this.#delivered += frame.events;
    follower.cursor = frame.lastSeq;
    return follower.sink.send(frame);
  }

  #fallBack(follower: Follower): void {
    follower.isLive = false;
    void this.#catchUp(follower);
  }

  async #catchUp(follower: Follower): Promise<void> {
    try {
      while (!follower.isCancelled && (await this.#drained(follower))) {
        const log = await this.#store.readLog(follower.projectId, follower.cursor, BACKFILL_BYTES);
        if (follower.isCancelled) return;
        if (!log) return this.#close(follower, refusal('project_not_found'));
        const refused = judgeCursor(follower.cursor, log.startSeq, log.lastSeq);
        if (refused) return this.#close(follower, refused);
        const isFull = log.records
          .map((record) => this.#send(follower, new OutgoingFrame(record)))
          .includes(false);
        // What was committed while the log was being read was offered to nobody, but noted.
        if (log.records.length === 0 && !isFull && follower.missed <= follower.cursor) {
          follower.isLive = true;
          return;
        }
      }
    } catch {
      // The store is away: the client has its cursor and comes back when there is something to read.
      this.#close(follower, refusal('unavailable'));
    }
  }

  /** False when the connection stayed full for too long; the follower is closed then. */
  async #drained(follower: Follower): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => (timer = setTimeout(resolve, STUCK_MS_MAX, 'late')));
    const first = await Promise.race([follower.sink.whenDrained(), late]);
    clearTimeout(timer);
    if (first !== 'late') return true;
    this.#close(follower, refusal('too_slow', undefined, { cursor: follower.cursor, retryAfter: 1 }));
    return false;
  }

  #close(follower: Follower, reason: Refusal): void {
    if (follower.isCancelled) return;
    this.#cancel(follower);
    follower.sink.close(reason, follower.cursor);
  }

  #cancel(follower: Follower): void {
    follower.isCancelled = true;
    const followers = this.#followers.get(follower.projectId);
    followers?.delete(follower);
    if (followers?.size === 0) this.#followers.delete(follower.projectId);
  }
}

const judgeCursor = (cursor: number, startSeq: number, lastSeq: number): Refusal | undefined => {
  const data = { cursor, startSeq, lastSeq };
  if (cursor > lastSeq) return refusal('cursor_in_future', `the log ends at ${lastSeq}`, data);
  if (cursor < startSeq - 1) return refusal('cursor_too_old', `the log starts at ${startSeq}`, data);
  return undefined;
};
