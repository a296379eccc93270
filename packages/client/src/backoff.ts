/** How calls are repeated and streams reopened. All times in milliseconds. */
export interface RetryPolicy {
  /** A call gives up after this long; a call that asks the hub to wait may take that much longer. */
  readonly totalMs: number;
  /** One attempt is given up, and repeated, after this long. */
  readonly attemptMs: number;
  readonly delayMsMin: number;
  readonly delayMsMax: number;
}

export const RETRY_DEFAULT: RetryPolicy = {
  totalMs: 30_000,
  attemptMs: 10_000,
  delayMsMin: 50,
  delayMsMax: 5_000,
};

const DOUBLINGS_MAX = 30;

/**
 * Exponential backoff with full jitter (M. Brooker, "Exponential Backoff And Jitter", AWS 2015): uniform between
 * 0 and the doubled ceiling, so that clients of a restarted hub do not return in step. A hub that says when to
 * come back is taken at its word, plus the jitter.
 */
export const backoffMs = (policy: RetryPolicy, failures: number, retryAfterMs = 0): number => {
  const doublings = Math.min(Math.max(failures - 1, 0), DOUBLINGS_MAX);
  return retryAfterMs + Math.random() * Math.min(policy.delayMsMax, policy.delayMsMin * 2 ** doublings);
};
