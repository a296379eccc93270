import type { Refusal, Urgency } from '@agentmix/act-contract';
import { refusal } from '@agentmix/act-contract';
import { performance } from 'node:perf_hooks';

const SAMPLE_MS = 100;
/**
 * A loop that is late by this much makes every call wait for it some six times: for its connection, head, body, batch,
 * commit and answer.
 */
export const LATE_MS = 250;
/**
 * From where the level has to rise before anything is sent away: four late looks, which are more than a second. A pause
 * for garbage, a plan of 2,000 tasks or a busy neighbour is no overload.
 */
const CALM = -1;
const LEVEL_MAX = 2;
/** At the bound a second and a half of lateness sends all reads away, and as much again all new work. */
const RISE_PER_LATE_SAMPLE = 0.25;
/** Of a sample that came in time, of which there are three or four where there is one late one. */
const RISE_PER_SAMPLE = 0.1;
const FALL_PER_SAMPLE = 0.05;
/** Who is sent away comes back after so long, one sooner than another, so that not all come at once. */
const RETRY_AFTER_S = [1, 2, 3, 4];
/**
 * Node takes in one connection in a turn of its event loop. Where nearly every turn brought a caller with a token, more
 * wait in the kernel, up to half a minute, and the loop is in time all the while: what it has not taken in costs it
 * nothing. Connections without a token do not count, or whoever opens them would have everybody else sent away.
 */
const CROWDED_TURNS = 0.9;
/** Fewer turns say nothing about the door. */
const TURNS_MIN = 10;
/** Two batches: fewer are not waiting for those before them, but for a slow database. */
export const CROWD_COMMANDS = 256;
/** A loop with less to do than this waits for something else, such as a database that hangs. */
const BUSY_SHARE = 0.95;
/** Commands that may wait in one lane; beyond it refuses all. */
export const QUEUE_COMMANDS_MAX = 4_096;
/** The last quarter of a lane is for what keeps or ends work. */
const WORK_WAITING_MAX = 0.75 * QUEUE_COMMANDS_MAX;

const moved = (level: number, step: number): number => Math.min(LEVEL_MAX, Math.max(CALM, level + step));

const sentAway = (detail: string): readonly Refusal[] =>
  RETRY_AFTER_S.map((retryAfter) => refusal('overloaded', detail, { retryAfter }));
const anyOf = (refusals: readonly Refusal[]): Refusal | undefined =>
  refusals[Math.floor(refusals.length * Math.random())];
/** Made once: thousands a second are sent away where there is no time for it. */
const LATE = sentAway('the hub has had more to do than it can for more than a second');
const FULL = sentAway('too many commands wait');

/**
 * Sends calls away when the hub has more to do than it can, so that work under way is kept and ended in time. One
 * number says how many: between 0 and 1 that share of reads, between 1 and 2 all reads and the rest of it as a share of
 * new work. It rises while the event loop is late, callers stand before the door, or commands wait for a loop that is
 * never idle, and falls while none of this is so: the processor stays busy with what is taken.
 */
export class Overload {
  readonly #lateMs: number;
  readonly #waitedMs: () => number;
  readonly #timer: NodeJS.Timeout;
  #level = CALM;
  /** The same by the crowd at the door alone. */
  #doorLevel = CALM;
  #lagMs = 0;
  #entered = 0;
  #turns = 0;
  #busy = performance.eventLoopUtilization();
  #expectedAt = performance.now() + SAMPLE_MS;

  /** `waitedMs`: how long the first has waited in the slowest of the lanes in which a crowd waits. */
  constructor(waitedMs: () => number = () => 0, lateMs = LATE_MS) {
    this.#waitedMs = waitedMs;
    this.#lateMs = lateMs;
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS).unref();
  }

  /** 0: every call is taken; 1: no reads; 2: no new work either. */
  get level(): number {
    return Math.max(0, this.#level, this.#doorLevel);
  }

  /** How late the event loop was when it was last looked at, in milliseconds. */
  get lagMs(): number {
    return this.#lagMs;
  }

  /** Why a call is not taken now; absent: it is. */
  refuse(urgency: Urgency): Refusal | undefined {
    const { level } = this;
    if (urgency === 'keep' || level <= 0) return undefined;
    return Math.random() < (urgency === 'read' ? level : level - 1) ? anyOf(LATE) : undefined;
  }

  /** The same of a new stream. Who is refused one comes again on another connection, and would be the crowd. */
  refuseStream(): Refusal | undefined {
    return Math.random() < this.#level ? anyOf(LATE) : undefined;
  }

  /** The same of a command to a lane in which so many wait, the first of them for so long. */
  refuseQueued(urgency: Urgency, waiting: number, waitedMs: number): Refusal | undefined {
    if (urgency !== 'work' || waiting < CROWD_COMMANDS) return undefined;
    // All are sent away when the first waits twice as long as it may.
    const share = waiting >= WORK_WAITING_MAX ? 1 : waitedMs / this.#lateMs - 1;
    return Math.random() < share ? anyOf(FULL) : undefined;
  }

  /** A caller has shown a token on a new connection. */
  entered(): void {
    this.#entered++;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #sample(): void {
    const now = performance.now();
    this.#lagMs = Math.max(0, now - this.#expectedAt);
    const isLate = this.#lagMs >= this.#lateMs;
    const isBehind = this.#isBusyAndBehind();
    this.#level = moved(
      this.#level,
      isLate ? RISE_PER_LATE_SAMPLE : isBehind ? RISE_PER_SAMPLE : -FALL_PER_SAMPLE,
    );
    this.#doorLevel = moved(this.#doorLevel, this.#isDoorCrowded() ? RISE_PER_SAMPLE : -FALL_PER_SAMPLE);
    this.#expectedAt = now + SAMPLE_MS;
  }

  /** Whether nearly every turn since the last look brought somebody. */
  #isDoorCrowded(): boolean {
    const { loopCount } = performance.nodeTiming.uvMetricsInfo;
    const turns = loopCount - this.#turns;
    if (turns < TURNS_MIN) return false;
    const entered = this.#entered;
    this.#turns = loopCount;
    this.#entered = 0;
    return entered >= CROWDED_TURNS * turns;
  }

  /** Whether the loop was never idle since the last look, and commands wait for it all the same. */
  #isBusyAndBehind(): boolean {
    const busy = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(busy, this.#busy);
    this.#busy = busy;
    return utilization >= BUSY_SHARE && this.#waitedMs() >= this.#lateMs;
  }
}
