import type { Refusal } from '@agentmix/act-contract';

export interface Unavailability {
  readonly attempts: number;
  readonly elapsedMs: number;
  /** Of a command: repeating the call with this id is safe, whatever became of the earlier attempts. */
  readonly commandId?: string;
  /** The hub's last refusal, when it answered at all. */
  readonly refusal?: Refusal;
  readonly cause?: unknown;
}

/**
 * The hub could not be reached, or was overloaded, until the time allowed was over. The outcome of a command is
 * then unknown. The message says what was tried.
 */
export class ActUnavailable extends Error {
  override readonly name = 'ActUnavailable';
  readonly attempts: number;
  readonly elapsedMs: number;
  readonly commandId?: string;
  readonly refusal?: Refusal;

  constructor(message: string, facts: Unavailability) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.attempts = facts.attempts;
    this.elapsedMs = facts.elapsedMs;
    if (facts.commandId !== undefined) this.commandId = facts.commandId;
    if (facts.refusal !== undefined) this.refusal = facts.refusal;
  }
}

/**
 * A refusal, thrown only by the few methods whose result type the first specification fixes without room for
 * one: `register`, `requestAssistance` and the iterables of `watchFiles` and of assistance answers.
 */
export class ActRefused extends Error {
  override readonly name = 'ActRefused';
  readonly refusal: Refusal;

  constructor(what: string, refusal: Refusal) {
    super(`${what}: ${refusal.code}${refusal.detail === undefined ? '' : ` (${refusal.detail})`}`);
    this.refusal = refusal;
  }
}

/** A stored file did not come whole, or is not what was stored. What came of it must not be used. */
export class ActDamaged extends Error {
  override readonly name = 'ActDamaged';
}
