import type { Refusal, Urgency } from '@agentmix/act-contract';
import { refusal } from '@agentmix/act-contract';

const SAMPLE_MS = 100;
/**
 * A loop that is late by this much makes every call wait for it some six times: for its connection, head, body, batch,
 * commit and answer.
 */
export const LATE_MS = 250;
/**
 * From where the level has to rise before anything is sent away: four late looks, which is more than a second. A pause
 * for garbage, a plan of 2,000 tasks or a busy neighbour is no overload.
 */
const CALM = -1;
const LEVEL_MAX = 2;
/** At the bound a second and a half of lateness sends all reads away, and as much again all new work. */
const RISE_PER_SAMPLE = 0.25;
const FALL_PER_SAMPLE = 0.05;
/** Who is sent away comes back after 1 to 4 s, so that not all come at once. */
const RETRY_SPREAD_S = 4;
/** Commands that may wait in one lane; beyond it refuses all. */
export const QUEUE_COMMANDS_MAX = 4_096;
/** The last quarter of a lane is for what keeps or ends work. */
const WORK_WAITING_MAX = 0.75 * QUEUE_COMMANDS_MAX;

const sentAway = (detail: string): Refusal =>
  refusal('overloaded', detail, { retryAfter: 1 + Math.floor(RETRY_SPREAD_S * Math.random()) });

/**
 * Sends calls away when the hub has more to do than it can, so that work under way is kept and ended in time. One
 * number says how many: between 0 and 1 that share of reads, between 1 and 2 all reads and the rest of it as a share of
 * new work. It rises while the event loop is late and falls while it is not, so that the processor stays busy with
 * what is taken.
 */
export class Overload {
  readonly #lateMs: number;
  readonly #timer: NodeJS.Timeout;
  #level = CALM;
  #lagMs = 0;
  #expectedAt = performance.now() + SAMPLE_MS;

  constructor(lateMs = LATE_MS) {
    this.#lateMs = lateMs;
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS).unref();
  }

  /** 0: every call is taken; 1: no reads; 2: no new work either. */
  get level(): number {
    return Math.max(0, this.#level);
  }

  /** How late the event loop was when it was last looked at, in milliseconds. */
  get lagMs(): number {
    return this.#lagMs;
  }

  /** Why a call is not taken now; absent: it is. */
  refuse(urgency: Urgency): Refusal | undefined {
    if (urgency === 'keep' || this.#level <= 0) return undefined;
    const share = urgency === 'read' ? this.#level : this.#level - 1;
    return Math.random() < share ? sentAway('the hub has been late for more than a second') : undefined;
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
    this.#lagMs = Math.max(0, now - this.#expectedAt);
    const isLate = this.#lagMs >= this.#lateMs;
    this.#level = isLate
      ? Math.min(LEVEL_MAX, this.#level + RISE_PER_SAMPLE)
      : Math.max(CALM, this.#level - FALL_PER_SAMPLE);
    this.#expectedAt = now + SAMPLE_MS;
  }
}
