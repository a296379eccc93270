/** What the process answers to whoever started it. */
export const EXIT = { ok: 0, failed: 1, usage: 2, unreachable: 3 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface FailureFacts {
  readonly exitCode?: ExitCode;
  /** For programs: a refusal's code or another short name. */
  readonly code?: string;
  /** What the person can do now. */
  readonly hint?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  /** The error behind it, whose stack is shown with ACT_DEBUG. */
  readonly origin?: Error;
}

/** Something that ends the command with one clear line and, where there is one, the way out. Never shown with a stack. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly exitCode: ExitCode;
  readonly code: string;
  readonly hint?: string;
  readonly data?: Readonly<Record<string, unknown>>;

  constructor(message: string, facts: FailureFacts = {}) {
    super(message, facts.origin === undefined ? undefined : { cause: facts.origin });
    this.exitCode = facts.exitCode ?? EXIT.failed;
    this.code = facts.code ?? 'failed';
    if (facts.hint !== undefined) this.hint = facts.hint;
    if (facts.data !== undefined) this.data = facts.data;
  }
}

/** The command line itself is wrong. */
export const usageFailure = (message: string, hint?: string): Failure =>
  new Failure(message, { exitCode: EXIT.usage, code: 'usage', ...(hint === undefined ? {} : { hint }) });
