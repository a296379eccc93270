import { refusal } from '@agentmix/act-contract';
import type { Refusal } from '@agentmix/act-contract';
import type { Whispers } from '@agentmix/act-core';
import type { Access, Authenticated } from '../../access/access.ts';
import type { Limits } from '../../config/limits.ts';
import { makeRateLimiter } from './rate-limiter.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { shareCounts } from './shared-counts.ts';

/** A refused token costs its address as much as ten calls without one. */
const FAILURE_POINTS = 10;

/** Counts callers. Addresses, principals and projects are plain strings; no answer means the call may go on. */
export interface Gate {
  /**
   * Authenticates, and counts by address what is not known to be anybody’s: a token that was met before and is still
   * good is not counted, so that nobody locks out others at the same address; it is answered at once.
   */
  readonly enter: (
    addressOf: () => string,
    token: string | undefined,
  ) => Authenticated | Promise<Authenticated>;
  /** Counts what needs no token, or has none to show yet. */
  readonly knock: (address: string, points?: number) => Refusal | undefined;
  /** Whether the principal is beyond its limit, before its call is read. */
  readonly peek: (principalId: string) => Refusal | undefined;
  /** Counts a call of a principal. */
  readonly call: (principalId: string) => Refusal | undefined;
  /** Counts a call to a project, by somebody who may call it: others cannot use up what it has. */
  readonly project: (projectId: string) => Refusal | undefined;
}

const limited = (limit: keyof Limits, waitMs: number | undefined): Refusal | undefined =>
  waitMs === undefined
    ? undefined
    : refusal('rate_limited', `more calls than ${limit} allows`, {
        limit,
        retryAfter: Math.max(1, Math.ceil(waitMs / 1_000)),
      });

/** With `whispers` a limit is of all hubs together, else of each. */
export const makeGate = (
  limits: Limits,
  access: Pick<Access, 'authenticate' | 'recall'>,
  whispers?: Whispers,
): Gate => {
  const limiter = (perSecond: number): RateLimiter =>
    makeRateLimiter(perSecond, undefined, whispers !== undefined);
  const addresses = limiter(limits.addressPerSecond);
  const principals = limiter(limits.principalPerSecond);
  const projects = limiter(limits.projectPerSecond);
  if (whispers) shareCounts(whispers, { addresses, principals, projects });
  const knock: Gate['knock'] = (address, points = 1) =>
    limited('addressPerSecond', addresses.consume(address, points));
  const enterAsStranger = async (address: string, token: string | undefined): Promise<Authenticated> => {
    const tooMany = knock(address);
    if (tooMany) return { ok: false, refusal: tooMany };
    const answer = await access.authenticate(token);
    const isWrong = token !== undefined && !answer.ok && answer.refusal.code !== 'unavailable';
    if (isWrong) addresses.consume(address, FAILURE_POINTS - 1);
    return answer;
  };
  return {
    knock,
    enter: (addressOf, token) => {
      const known = token === undefined ? undefined : access.recall(token);
      const isJudged = known?.ok === true || known?.refusal.code === 'unavailable';
      return isJudged ? known : enterAsStranger(addressOf(), token);
    },
    peek: (principalId) => limited('principalPerSecond', principals.peek(principalId)),
    call: (principalId) => limited('principalPerSecond', principals.consume(principalId)),
    project: (projectId) => limited('projectPerSecond', projects.consume(projectId)),
  };
};
