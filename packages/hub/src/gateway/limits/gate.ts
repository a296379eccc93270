import { refusal } from '@agentmix/act-contract';
import type { Refusal } from '@agentmix/act-contract';
import { LRUCache } from 'lru-cache';
import type { Access, Authenticated } from '../../access/access.ts';
import type { Limits } from '../../config/limits.ts';
import { makeRateLimiter } from './rate-limiter.ts';

/** A refused token costs its address as much as ten calls without one. */
const FAILURE_POINTS = 10;
const KNOWN_TOKENS_MAX = 8_192;

/** Counts callers. Addresses, principals and projects are plain strings; no answer means the call may go on. */
export interface Gate {
  /**
   * Authenticates, and counts by address what is not known to be anybody’s: a token that was good lately is not
   * counted, so that nobody locks out others at the same address.
   */
  readonly enter: (address: string, token: string | undefined) => Promise<Authenticated>;
  /** Counts what needs no token, or has none to show yet. */
  readonly knock: (address: string, points?: number) => Promise<Refusal | undefined>;
  /** Whether the principal is beyond its limit, before its call is read. */
  readonly peek: (principalId: string) => Promise<Refusal | undefined>;
  /** Counts a call of a principal. */
  readonly call: (principalId: string) => Promise<Refusal | undefined>;
  /** Counts a call to a project, by somebody who may call it: others cannot use up what it has. */
  readonly project: (projectId: string) => Promise<Refusal | undefined>;
}

const limited = (limit: keyof Limits, waitMs: number | undefined): Refusal | undefined =>
  waitMs === undefined
    ? undefined
    : refusal('rate_limited', `more calls than ${limit} allows`, {
        limit,
        retryAfter: Math.max(1, Math.ceil(waitMs / 1_000)),
      });

export const makeGate = (limits: Limits, access: Pick<Access, 'authenticate'>): Gate => {
  const addresses = makeRateLimiter(limits.addressPerSecond);
  const principals = makeRateLimiter(limits.principalPerSecond);
  const projects = makeRateLimiter(limits.projectPerSecond);
  /** Tokens that were good when last seen. */
  const known = new LRUCache<string, true>({ max: KNOWN_TOKENS_MAX });
  const knock: Gate['knock'] = async (address, points = 1) =>
    limited('addressPerSecond', await addresses.consume(address, points));
  return {
    knock,
    enter: async (address, token) => {
      const isKnown = token !== undefined && known.get(token) === true;
      const tooMany = isKnown ? undefined : await knock(address);
      if (tooMany) return { ok: false, refusal: tooMany };
      const answer = await access.authenticate(token);
      if (token === undefined) return answer;
      if (answer.ok) {
        known.set(token, true);
      } else if (answer.refusal.code !== 'unavailable') {
        known.delete(token);
        await addresses.consume(address, FAILURE_POINTS - 1);
      }
      return answer;
    },
    peek: async (principalId) => limited('principalPerSecond', await principals.peek(principalId)),
    call: async (principalId) => limited('principalPerSecond', await principals.consume(principalId)),
    project: async (projectId) => limited('projectPerSecond', await projects.consume(projectId)),
  };
};
