/** Why there is no snapshot or prediction. Each asks for something else from the reader. */
export type FailureReason =
  | 'git_missing'
  | 'not_a_repository'
  | 'bare'
  | 'unsafe_owner'
  | 'broken'
  | 'moving'
  | 'not_watched'
  | 'too_many_files'
  | 'timed_out'
  | 'cancelled';

export interface Failure {
  readonly ok: false;
  readonly reason: FailureReason;
  /** What git or the system said, for people. */
  readonly message: string;
}

/** A failure on its way out of nested steps; {@link settle} turns it into a value. */
export class GitFailed extends Error {
  readonly reason: FailureReason;

  constructor(reason: FailureReason, message: string) {
    super(message);
    this.name = 'GitFailed';
    this.reason = reason;
  }
}

/** Runs a step and returns its failure as a value. Anything but a GitFailed is a bug and goes on. */
export const settle = async <T extends { readonly ok: true }>(
  step: () => Promise<T>,
): Promise<T | Failure> => {
  try {
    return await step();
  } catch (error) {
    if (!(error instanceof GitFailed)) throw error;
    return { ok: false, reason: error.reason, message: error.message };
  }
};

/** What git’s exit says, read from its English messages (LC_ALL=C). */
export const reasonOf = (message: string): FailureReason => {
  if (/dubious ownership/.test(message)) return 'unsafe_owner';
  if (/not a git repository/i.test(message)) return 'not_a_repository';
  if (/must be run in a work tree/.test(message)) return 'bare';
  return 'broken';
};
