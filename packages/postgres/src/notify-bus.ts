import type { Bus } from '@agentmix/act-core';
import pg from 'pg';
import { servingConfig } from './connection.ts';
import type { ConnectionOptions } from './connection.ts';
import { LISTEN_SQL, NOTIFY_SQL, SERVER_PROCESS_SQL } from './sql/notify.ts';

/**
 * Every NOTIFY takes a lock of the whole server when it commits, and wakes every listener: what is said within this
 * time goes out as one, and a project is named once.
 */
const COALESCE_MS = 25;
/** So often each hub says that it is there, if nothing else. */
const PRESENCE_MS = 2_000;
/** Who heard no other hub for so long is alone: of what they say two words may be lost. */
const ALONE_MS = 5_000;
/**
 * Nobody needs to hear a hub that is alone, but other programs that listen are woken all the same: a hundred of them
 * cost the server 4 ms a notification.
 */
const COALESCE_ALONE_MS = 500;
/** Some 4 KB of the 8,000 bytes that a notification may have. */
const PROJECTS_PER_NOTIFICATION_MAX = 80;
/** What waits while the database is away; the rest is forgotten, and found by those who look. */
const PROJECTS_WAITING_MAX = 10_000;
const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 5_000;

type Listener = Parameters<Bus['subscribe']>[0];

/** The types do not know what every client keeps from the server’s greeting. */
const processOf = (client: pg.Client): number => (client as pg.Client & { processID: number }).processID;

/** Words of a notification: a project’s id and its sequence number, in turn. */
const readPayload = (payload: string, hear: Listener): void => {
  const words = payload.split(' ');
  for (let at = 0; at + 1 < words.length; at += 2) {
    const [projectId = '', seq] = [words[at], Number(words[at + 1])];
    if (Number.isSafeInteger(seq)) hear(projectId, seq);
  }
};

/**
 * The bus on LISTEN and NOTIFY, over one connection of its own: notifications are sent beside commits, not in them,
 * where they would make all commits of the server wait for each other. A pooler that gives every transaction another
 * connection lets notifications out but none in: then nothing is heard, which is told once.
 */
export class NotifyBus implements Bus {
  readonly #options: Pick<ConnectionOptions, 'connection' | 'log'>;
  readonly #listeners = new Set<Listener>();
  readonly #waiting = new Map<string, number>();
  #client: pg.Client | undefined;
  #isHearing = false;
  #isSending = false;
  #isClosed = false;
  #failures = 0;
  #sentAt = -Infinity;
  #heardAt = performance.now();
  readonly #presenceTimer: NodeJS.Timeout;
  #sendTimer: NodeJS.Timeout | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #connecting: Promise<void>;

  constructor(options: Pick<ConnectionOptions, 'connection' | 'log'>) {
    this.#options = options;
    this.#connecting = this.#connect();
    this.#presenceTimer = setInterval(() => {
      if (performance.now() - this.#sentAt >= PRESENCE_MS) void this.#send(true);
    }, PRESENCE_MS);
  }

  get isHearing(): boolean {
    return this.#isHearing;
  }

  publish(projectId: string, seq: number): void {
    if (this.#waiting.size >= PROJECTS_WAITING_MAX || this.#isClosed) return;
    this.#waiting.set(projectId, Math.max(seq, this.#waiting.get(projectId) ?? 0));
    this.#sendLater();
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#presenceTimer);
    clearTimeout(this.#sendTimer);
    clearTimeout(this.#retryTimer);
    await this.#connecting;
    const client = this.#client;
    this.#lost();
    await client?.end().catch(() => undefined);
  }

  /** The first word after a silence goes out at once, with what else is said in this turn of the event loop. */
  #sendLater(): void {
    const coalesceMs = this.#isAlone ? COALESCE_ALONE_MS : COALESCE_MS;
    const delay = Math.max(0, this.#sentAt + coalesceMs - performance.now());
    this.#sendTimer ??= setTimeout(() => {
      this.#sendTimer = undefined;
      void this.#send();
    }, delay);
  }

  get #isAlone(): boolean {
    return this.#isHearing && performance.now() - this.#heardAt > ALONE_MS;
  }

  /** Another hub is there: what waits goes out as soon as it would have. */
  #heardOther(): void {
    const wasAlone = this.#isAlone;
    this.#heardAt = performance.now();
    if (!wasAlone || this.#sendTimer === undefined) return;
    clearTimeout(this.#sendTimer);
    this.#sendTimer = undefined;
    this.#sendLater();
  }

  /** `isPresence`: also where there is nothing to say. */
  async #send(isPresence = false): Promise<void> {
    const client = this.#client;
    if (!client || this.#isClosed || this.#isSending) return;
    const said = [...this.#waiting].slice(0, PROJECTS_PER_NOTIFICATION_MAX);
    if (said.length === 0 && !isPresence) return;
    for (const [projectId] of said) this.#waiting.delete(projectId);
    this.#sentAt = performance.now();
    this.#isSending = true;
    // A connection that does not answer hears nothing either; who did not hear looks in the database.
    await client.query(NOTIFY_SQL, [said.flat().join(' ')]).catch((error: Error) => {
      if (client === this.#client) this.#failed(client, error);
    });
    this.#isSending = false;
    if (this.#waiting.size > 0) this.#sendLater();
  }

  async #connect(): Promise<void> {
    const client = new pg.Client(servingConfig(this.#options));
    client.on('error', (error) => this.#failed(client, error));
    client.on('end', () => this.#failed(client, new Error('the connection ended')));
    client.on('notification', ({ processId, payload = '' }) => {
      if (processId === processOf(client)) return;
      this.#heardOther();
      readPayload(payload, (projectId, seq) => {
        for (const listener of this.#listeners) listener(projectId, seq);
      });
    });
    try {
      await client.connect();
      await this.#listen(client);
      this.#client = client;
      this.#failures = 0;
      this.#heardAt = performance.now();
      void this.#send(true);
    } catch (error) {
      this.#failed(client, error instanceof Error ? error : new Error(String(error)));
    }
  }

  async #listen(client: pg.Client): Promise<void> {
    const { rows } = await client.query<{ pid: number }>(SERVER_PROCESS_SQL);
    if (rows[0]?.pid !== processOf(client)) {
      this.#options.log(
        'other hubs are not heard, because a pooler is between here and the database, which is asked twice a second ' +
          'instead: let ACT_LISTEN_URL name the server itself',
      );
      return;
    }
    await client.query(LISTEN_SQL);
    this.#isHearing = true;
  }

  #lost(): void {
    this.#client = undefined;
    this.#isHearing = false;
  }

  /** A connection that was or would have been ours is gone: another one is opened, sooner or later. */
  #failed(client: pg.Client, error: Error): void {
    client.removeAllListeners();
    client.on('error', () => undefined);
    client.end().catch(() => undefined);
    this.#lost();
    if (this.#isClosed) return;
    if (this.#failures === 0) this.#options.log('other hubs are not heard', { error: error.message });
    const delay = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** this.#failures++) * (0.5 + Math.random() / 2);
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => (this.#connecting = this.#connect()), delay);
  }
}
