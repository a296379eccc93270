import { hash } from 'node:crypto';
import type { AccessClaims } from '@agentmix/act-contract';

export interface SeenToken {
  readonly kid: string;
  readonly claims: AccessClaims;
}

/** SHA-256: no two tokens share it, and tokens themselves are not kept. */
const digestOf = (token: string): string => hash('sha256', token, 'base64');

/** Tokens whose signature was checked, at most so many; the one that was not asked for the longest goes first. */
export const makeSeenTokens = (max: number) => {
  /** In the order of their last use. */
  const seen = new Map<string, SeenToken>();
  return {
    get: (token: string): SeenToken | undefined => {
      const digest = digestOf(token);
      const found = seen.get(digest);
      if (!found) return undefined;
      seen.delete(digest);
      seen.set(digest, found);
      return found;
    },
    add: (token: string, checked: SeenToken): void => {
      seen.set(digestOf(token), checked);
      const [oldest] = seen.keys();
      if (seen.size > max && oldest !== undefined) seen.delete(oldest);
    },
    get size(): number {
      return seen.size;
    },
  };
};
