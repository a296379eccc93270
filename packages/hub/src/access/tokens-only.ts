import { hubCalls, refusal } from '@agentmix/act-contract';
import type { Access, Authenticated } from './access.ts';

/** What doors ask about the text that a caller shows. */
export type Credentials = Pick<Access, 'authenticate' | 'recall'>;

const EXCHANGE_FIRST = refusal(
  'token_needed',
  `exchange the key at POST /v1${hubCalls['token.issue'].route.path} for an access token, and show that`,
);

const needToken = (answer: Authenticated): Authenticated =>
  answer.ok && !answer.bearer.token ? { ok: false, refusal: EXCHANGE_FIRST } : answer;

/**
 * The same judge for doors at which an API key is good for nothing: a token made from one is needed. Who shows a good
 * key is told what to do, who shows a wrong one hears what everybody hears.
 */
export const takeTokensOnly = (credentials: Credentials): Credentials => ({
  authenticate: (text) => {
    const answer = credentials.authenticate(text);
    return answer instanceof Promise ? answer.then(needToken) : needToken(answer);
  },
  recall: (text) => {
    const known = credentials.recall(text);
    return known && needToken(known);
  },
});
