import type { Bus, Whisper, Whispers } from '@agentmix/act-core';
import type { Client, RedisOptions } from './connection.ts';
import { readWords } from './words.ts';
import type { Words } from './words.ts';

type Listener = Parameters<Bus['subscribe']>[0];

/** What is said within this time goes out as one, and a project is named once. */
const COALESCE_MS = 25;
/** Each hub says something this often, hears itself, and so knows that the whole way works. */
const BEAT_MS = 250;
/** Two beats and what a busy process is late by. */
const DEAF_AFTER_MS = 600;
/** Some 50 KB of a message. */
const PROJECTS_PER_MESSAGE_MAX = 1_000;
/** What waits while Redis is away; the rest is forgotten, and found by those who look in the database. */
const PROJECTS_WAITING_MAX = 10_000;

/**
 * The bus and the whispers on one channel of Redis. Redis keeps nothing of it, may lose any of it, and may stand still
 * with its connections open: so a hub hears when it hears its own beats, and not because a connection is there.
 */
export class Line implements Bus, Whispers {
  readonly #client: Client;
  readonly #channel: string;
  readonly #hubId: string;
  readonly #log: RedisOptions['log'];
  readonly #listeners = new Set<Listener>();
  readonly #whispers = new Map<string, Whisper>();
  readonly #waiting = new Map<string, number>();
  readonly #beats: NodeJS.Timeout;
  #soon: NodeJS.Timeout | undefined;
  #isSending = false;
  #isClosed = false;
  #sentAt = -Infinity;
  /** When the newest beat was said that came back. */
  #cameBack = -Infinity;

  constructor(client: Client, channel: string, hubId: string, log: RedisOptions['log']) {
    this.#log = log;
    this.#client = client;
    this.#channel = channel;
    this.#hubId = hubId;
    this.#beats = setInterval(() => void this.#send(true), BEAT_MS);
  }

  get isHearing(): boolean {
    return performance.now() - this.#cameBack < DEAF_AFTER_MS;
  }

  /** Listens from the first connection on; after each later one the driver subscribes again. */
  async open(): Promise<void> {
    try {
      if (this.#client.isReady) {
        await this.#client.subscribe(this.#channel, (text) => this.#heard(text));
        return await this.#send(true);
      }
    } catch (error) {
      this.#log('other hubs are not heard', { error: String(error) });
    }
    this.#client.once('ready', () => void this.open());
  }

  publish(projectId: string, seq: number): void {
    if (this.#waiting.size >= PROJECTS_WAITING_MAX || this.#isClosed) return;
    this.#waiting.set(projectId, Math.max(seq, this.#waiting.get(projectId) ?? 0));
    this.#sendSoon();
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  add(topic: string, whisper: Whisper): void {
    this.#whispers.set(topic, whisper);
  }

  /** The connection goes on: it is its owner’s. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#beats);
    clearTimeout(this.#soon);
    this.#listeners.clear();
    this.#whispers.clear();
  }

  /** The first word after a silence goes out at once, with what else is said in this turn of the event loop. */
  #sendSoon(): void {
    const delay = Math.max(0, this.#sentAt + COALESCE_MS - performance.now());
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      void this.#send(false);
    }, delay);
  }

  /** One message at a time is under way: while Redis stands still nothing piles up but names of projects. */
  async #send(isBeat: boolean): Promise<void> {
    if (this.#isSending || this.#isClosed || !this.#client.isReady) return;
    const moved = [...this.#waiting].slice(0, PROJECTS_PER_MESSAGE_MAX);
    for (const [projectId] of moved) this.#waiting.delete(projectId);
    this.#sentAt = performance.now();
    const words: Words = {
      hub: this.#hubId,
      moved,
      ...(isBeat ? { beat: this.#sentAt, told: this.#collect() } : {}),
    };
    this.#isSending = true;
    // Of a lost connection its own events tell; who did not hear looks in the database.
    await this.#client.publish(this.#channel, JSON.stringify(words)).catch(() => undefined);
    this.#isSending = false;
    if (this.#waiting.size > 0) this.#sendSoon();
  }

  #collect(): Record<string, string> {
    const told: Record<string, string> = {};
    for (const [topic, { tell }] of this.#whispers) {
      const text = tell();
      if (text !== undefined) told[topic] = text;
    }
    return told;
  }

  #heard(text: string): void {
    const words = readWords(text);
    if (!words || this.#isClosed) return;
    if (words.hub === this.#hubId) {
      this.#cameBack = Math.max(this.#cameBack, words.beat ?? -Infinity);
      return;
    }
    for (const [projectId, seq] of words.moved)
      for (const listener of this.#listeners) listener(projectId, seq);
    for (const [topic, told] of Object.entries(words.told ?? {})) this.#whispers.get(topic)?.hear(told);
  }
}
