import { refusal } from '@agentmix/act-contract';
import type { Refusal } from '@agentmix/act-contract';

/** What is wrong with a token. `unavailable`: nothing may be, but this hub cannot tell now. */
export type TokenFlaw =
  | 'malformed'
  | 'unknown_key'
  | 'forged'
  | 'other_audience'
  | 'not_yet_valid'
  | 'expired'
  | 'other_scope'
  | 'weak_sign_in'
  | 'unavailable';

/**
 * What the caller is told. Expired tokens are told apart because refreshing helps; of the others a caller with a good
 * token hears never, and whoever forges one learns nothing: the flaw is for the hub’s own log.
 */
export const refusalOf = (flaw: TokenFlaw): Refusal => {
  switch (flaw) {
    case 'expired':
      return refusal('token_expired');
    case 'unavailable':
      return refusal('unavailable', 'the hub cannot check tokens now', { retryAfter: 1 });
    // Only of tokens that are genuine: whoever signed in has to learn what else is asked of him.
    case 'other_scope':
      return refusal('forbidden', 'the token lacks the scope that this hub asks for');
    case 'weak_sign_in':
      return refusal('forbidden', 'this hub asks for a stronger sign-in');
    case 'malformed':
    case 'unknown_key':
    case 'forged':
    case 'other_audience':
    case 'not_yet_valid':
      return refusal('token_invalid');
  }
};
