import type { Refusal, Urgency } from '@agentmix/act-contract';
import { refusal } from '@agentmix/act-contract';

const SAMPLE_MS = 100;
/** So many samples in a row have to be late, or in time: one pause for garbage or one plan of 2,000 tasks is no overload. */
const SAMPLES = 3;
/** Who is sent away comes back after 1 to 4 s, so that not all come at once. */
const RETRY_SPREAD_S = 4;
/** Commands that may wait in one lane; beyond it refuses all. */
export const QUEUE_COMMANDS_MAX = 4_096;

export type Sheddable = Exclude<Urgency, 'keep'>;

/**
 * How late the event loop is, in milliseconds, when calls of this urgency are no longer taken; they are taken again below
 * half of it. A loop that is 250 ms late makes every call wait for that long several times; at a second heartbeats,
 * every 10 s by default, begin to be in danger.
 */
export const LAG_MS_MAX: Readonly<Record<Sheddable, number>> = { read: 250, work: 1_000 };
/** The last quarter of a lane is for what keeps or ends work. */
const WORK_WAITING_MAX = 0.75 * QUEUE_COMMANDS_MAX;

const sentAway = (detail: string): Refusal =>
  refusal('overloaded', detail, { retryAfter: 1 + Math.floor(RETRY_SPREAD_S * Math.random()) });

/** Decides what a hub that has too much to do sends away, so that work under way is kept and ended. */
export class Overload {
  readonly #lagMsMax: Readonly<Record<Sheddable, number>>;
  readonly #timer: NodeJS.Timeout;
  readonly #shed = new Set<Urgency>();
  #lags: readonly number[] = [];
  #expectedAt = performance.now() + SAMPLE_MS;

  constructor(lagMsMax: Readonly<Record<Sheddable, number>> = LAG_MS_MAX) {
    this.#lagMsMax = lagMsMax;
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS).unref();
  }

  /** 0: every call is taken; 1: no reads; 2: no new work either. */
  get level(): number {
    return this.#shed.size;
  }

  /** The least that the event loop was late by lately, in milliseconds. */
  get lagMs(): number {
    return this.#lags.length < SAMPLES ? 0 : Math.min(...this.#lags);
  }

  /** Why a call is not taken now; absent: it is. */
  refuse(urgency: Urgency): Refusal | undefined {
    return this.#shed.has(urgency) ? sentAway(`the hub is ${Math.round(this.lagMs)} ms late`) : undefined;
  }

  /** The same of a command to a lane in which so many wait. */
  refuseQueued(urgency: Urgency, waiting: number): Refusal | undefined {
    return urgency === 'work' && waiting >= WORK_WAITING_MAX
      ? sentAway(`${waiting} commands wait`)
      : undefined;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    const now = performance.now();
    this.#lags = [...this.#lags.slice(1 - SAMPLES), Math.max(0, now - this.#expectedAt)];
    this.#expectedAt = now + SAMPLE_MS;
    for (const urgency of ['read', 'work'] as const) {
      if (this.lagMs >= this.#lagMsMax[urgency]) this.#shed.add(urgency);
      else if (Math.max(...this.#lags) < this.#lagMsMax[urgency] / 2) this.#shed.delete(urgency);
    }
  }
}
