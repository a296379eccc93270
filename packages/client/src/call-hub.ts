import { ActUnavailable } from './errors.ts';
import { backoffMs } from './backoff.ts';
import type { RetryPolicy } from './backoff.ts';
import { makeDeadline, sleep } from './deadline.ts';
import type { Listen } from './deadline.ts';
import { refused } from './result.ts';
import type { Result } from './result.ts';
import { traced } from './trace.ts';
import type { OpenTelemetryApi } from './trace.ts';
import type { HubClock } from './wire/clock.ts';
import type { Door } from './wire/door.ts';
import { mayPass } from './wire/problem.ts';
import type { Answer } from './wire/problem.ts';
import type { Call } from './wire/request.ts';

/** A defect of the hub is met again by the same call: three attempts, not thirty seconds of them. */
const INTERNAL_ATTEMPTS_MAX = 3;

export interface CallOptions {
  /** The idempotency key: a UUIDv7 by the hub's clock. Absent: made here, once for all attempts. */
  readonly commandId?: string;
  readonly signal?: AbortSignal;
  /** Replaces the retry policy's `totalMs`. */
  readonly timeoutMs?: number;
  /** The call's timers do not keep a Node process alive. */
  readonly background?: boolean;
}

export interface CallContext {
  readonly door: Door;
  readonly clock: HubClock;
  readonly retry: RetryPolicy;
  /** Aborts when the hub's client is closed. */
  readonly closed: AbortSignal;
  readonly listen: Listen;
  /** Absent: calls are not traced. */
  readonly openTelemetry?: OpenTelemetryApi;
}

type Attempt = Answer | { readonly kind: 'failed'; readonly cause: unknown; readonly retryAfterMs?: number };

/** The time the caller asks the hub to wait is the hub's, not the network's. */
const waitMsOf = (call: Call): number => {
  const wait = call.input['waitMs'];
  return typeof wait === 'number' && wait > 0 ? wait : 0;
};

const causeText = (last: Attempt): string => {
  switch (last.kind) {
    case 'ok':
      return 'answered';
    case 'refused':
      return `${last.status} ${last.refusal.code}${last.refusal.detail === undefined ? '' : `: ${last.refusal.detail}`}`;
    case 'other':
      return `${last.status} without a problem document`;
    case 'failed': {
      const { cause } = last;
      if (!(cause instanceof Error)) return String(cause);
      return cause.cause instanceof Error ? `${cause.message}: ${cause.cause.message}` : cause.message;
    }
  }
};

/** One call from its first attempt to its result. It owns the command id and counts what was tried. */
class RunningCall {
  readonly #context: CallContext;
  readonly #call: Call;
  readonly #options: CallOptions;
  readonly #startedAt = performance.now();
  #commandId: string | undefined;
  #attempts = 0;
  /** Attempts that may have been carried out although no answer came. */
  #unanswered = 0;

  constructor(context: CallContext, call: Call, options: CallOptions) {
    this.#context = context;
    this.#call = call;
    this.#options = options;
    this.#commandId = options.commandId;
  }

  get #totalMs(): number {
    return (this.#options.timeoutMs ?? this.#context.retry.totalMs) + waitMsOf(this.#call);
  }

  get #elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  async #attempt(signal: AbortSignal): Promise<Attempt> {
    const { clock, door, retry } = this.#context;
    const limitMs = Math.min(retry.attemptMs + waitMsOf(this.#call), this.#totalMs - this.#elapsedMs);
    const deadline = makeDeadline(limitMs, [signal], {
      background: this.#options.background ?? false,
    });
    this.#attempts++;
    try {
      if (this.#call.kind === 'command') this.#commandId ??= await clock.commandId(deadline.signal);
      this.#unanswered++;
      const answer = await door.attempt(this.#call, this.#commandId, deadline.signal);
      if (answer.kind !== 'other') this.#unanswered--;
      return answer;
    } catch (cause) {
      return { kind: 'failed', cause };
    } finally {
      deadline.dispose();
    }
  }

  /**
   * A refused stamp of our own making is made anew by the hub's clock, but only while every earlier attempt was
   * answered: else the first id may have been carried out, and a second would do it twice.
   */
  #restamp(answer: Attempt): boolean {
    if (answer.kind !== 'refused' || this.#options.commandId !== undefined) return false;
    const { code, data } = answer.refusal;
    if (code !== 'idempotency_key_ahead' && code !== 'idempotency_key_expired') return false;
    this.#context.clock.correct(data?.['time']);
    if (this.#unanswered > 0 || this.#attempts > 2) return false;
    this.#commandId = undefined;
    return true;
  }

  #isFinal(answer: Exclude<Attempt, { kind: 'ok' | 'failed' }>): boolean {
    if (!mayPass(answer.status)) return true;
    return answer.status === 500 && answer.kind === 'refused' && this.#attempts >= INTERNAL_ATTEMPTS_MAX;
  }

  #unavailable(last: Attempt): ActUnavailable {
    const elapsedMs = this.#elapsedMs;
    const times = `${this.#attempts} attempt${this.#attempts === 1 ? '' : 's'} in ${(elapsedMs / 1_000).toFixed(1)} s`;
    const unknown = this.#unanswered > 0 && this.#call.kind === 'command';
    const id = this.#commandId === undefined ? '' : `; command id ${this.#commandId}`;
    return new ActUnavailable(
      `${this.#context.door.describe(this.#call)}: no result after ${times}; last: ${causeText(last)}${id}` +
        (unknown ? '; the outcome is unknown, repeating it with this id is safe' : ''),
      {
        attempts: this.#attempts,
        elapsedMs,
        ...(this.#commandId === undefined ? {} : { commandId: this.#commandId }),
        ...(last.kind === 'refused' ? { refusal: last.refusal } : {}),
        ...(last.kind === 'failed' ? { cause: last.cause } : {}),
      },
    );
  }

  /** What the answer settles; undefined: try again. Throws where it can settle nothing any more. */
  #settle(answer: Attempt): Result<unknown> | undefined {
    switch (answer.kind) {
      case 'ok':
        return {
          ok: true,
          value: answer.value,
          ...(answer.seq === undefined ? {} : { seq: answer.seq }),
        };
      case 'refused':
        return this.#isFinal(answer) ? refused(answer.refusal) : undefined;
      case 'other':
        if (this.#isFinal(answer)) throw this.#unavailable(answer);
        return undefined;
      case 'failed':
        return undefined;
    }
  }

  async run(signal: AbortSignal): Promise<Result<unknown>> {
    for (;;) {
      const answer = await this.#attempt(signal);
      if (answer.kind !== 'ok') signal.throwIfAborted();
      if (this.#restamp(answer)) continue;
      const result = this.#settle(answer);
      if (result) return result;
      const delayMs = backoffMs(
        this.#context.retry,
        this.#attempts,
        answer.kind === 'ok' ? 0 : answer.retryAfterMs,
      );
      if (this.#elapsedMs + delayMs >= this.#totalMs) throw this.#unavailable(answer);
      await sleep(delayMs, signal, this.#options.background);
    }
  }
}

/**
 * Calls the hub until it answers, for at most the time allowed. Repeated are broken connections, attempts
 * without an answer, 429 and 5xx, always with the same command id, so that a lost answer does nothing twice.
 * Rejects with ActUnavailable, or with the reason of the caller's signal.
 */
export const callHub = async (
  context: CallContext,
  call: Call,
  options: CallOptions,
): Promise<Result<unknown>> => {
  context.door.describe(call);
  const whole = makeDeadline(Number.POSITIVE_INFINITY, [options.signal, context.closed], {
    listen: context.listen,
  });
  try {
    whole.signal.throwIfAborted();
    return await traced(context.openTelemetry, call, (own) =>
      new RunningCall(context, own, options).run(whole.signal),
    );
  } finally {
    whole.dispose();
  }
};
