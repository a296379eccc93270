import { refusal } from '@agentmix/act-contract';
import { expect, it } from 'vitest';
import type { Authenticated, Bearer } from '../../access/access.ts';
import { makeGate } from './gate.ts';

const NONE = {
  principalPerSecond: 0,
  projectPerSecond: 0,
  addressPerSecond: 0,
  connectionsPerAddress: 0,
  waitingPerAddress: 0,
};
const BEARER: Bearer = {
  credential: { projectId: 'p', memberId: 'ada', kind: 'agent', role: 'agent', isRemoved: false },
};
const ADMITTED: Authenticated = { ok: true, bearer: BEARER };
const UNAUTHORIZED: Authenticated = { ok: false, refusal: refusal('unauthorized') };

/** Lets in what is good, by default `good…`, recalls what it let in, and remembers what it had to look up. */
const makeAccess = (isGood = (token: string) => token.startsWith('good')) => {
  const asked: (string | undefined)[] = [];
  const met = new Set<string>();
  const judge = (token: string): Authenticated => (isGood(token) ? ADMITTED : UNAUTHORIZED);
  const authenticate = (token: string | undefined): Authenticated => {
    asked.push(token);
    const answer = token === undefined ? UNAUTHORIZED : judge(token);
    if (token !== undefined && answer.ok) met.add(token);
    return answer;
  };
  return { asked, authenticate, recall: (token: string) => (met.has(token) ? judge(token) : undefined) };
};
const at = (address: string) => (): string => address;
const codeOf = (answer: Authenticated): string => (answer.ok ? 'ok' : answer.refusal.code);

it('limits calls of one principal, not those of others, and says when to come back', () => {
  const { call, peek } = makeGate({ ...NONE, principalPerSecond: 2 }, makeAccess());
  expect(call('ada')).toBeUndefined();
  expect(peek('ada')).toBeUndefined();
  expect(call('ada')).toBeUndefined();
  const refused = { code: 'rate_limited', data: { limit: 'principalPerSecond', retryAfter: 1 } };
  expect(peek('ada')).toMatchObject(refused);
  expect(call('ada')).toMatchObject(refused);
  expect(call('bob')).toBeUndefined();
  expect(peek('cleo')).toBeUndefined();
});

it('limits calls to one project, not those to others', () => {
  const { project } = makeGate({ ...NONE, projectPerSecond: 2 }, makeAccess());
  expect(project('p')).toBeUndefined();
  expect(project('p')).toBeUndefined();
  expect(project('p')).toMatchObject({ data: { limit: 'projectPerSecond' } });
  expect(project('q')).toBeUndefined();
});

it('opens again when its second is over', async () => {
  const { call } = makeGate({ ...NONE, principalPerSecond: 1 }, makeAccess());
  expect(call('ada')).toBeUndefined();
  expect(call('ada')).toBeDefined();
  await new Promise((resolve) => setTimeout(resolve, 1_050));
  expect(call('ada')).toBeUndefined();
});

it('counts a wrong token ten times, and then refuses its address before it looks at tokens', async () => {
  const access = makeAccess();
  const { enter } = makeGate({ ...NONE, addressPerSecond: 20 }, access);
  expect(codeOf(await enter(at('a'), 'bad'))).toBe('unauthorized');
  expect(codeOf(await enter(at('a'), 'bad'))).toBe('unauthorized');
  expect(codeOf(await enter(at('a'), 'bad'))).toBe('rate_limited');
  expect(codeOf(await enter(at('a'), 'good new'))).toBe('rate_limited');
  expect(access.asked).toEqual(['bad', 'bad']);
  expect(codeOf(await enter(at('b'), 'bad'))).toBe('unauthorized');
});

it('lets in a token that was good lately, whatever others do at its address', async () => {
  const { enter } = makeGate({ ...NONE, addressPerSecond: 20 }, makeAccess());
  expect(codeOf(await enter(at('a'), 'good'))).toBe('ok');
  for (let tries = 0; tries < 5; tries++) await enter(at('a'), 'bad');
  for (let calls = 0; calls < 100; calls++) expect(codeOf(await enter(at('a'), 'good'))).toBe('ok');
});

it('counts a token that is no longer good like any other wrong one', async () => {
  let isRevoked = false;
  const { enter } = makeGate(
    { ...NONE, addressPerSecond: 20 },
    makeAccess(() => !isRevoked),
  );
  expect(codeOf(await enter(at('a'), 'token'))).toBe('ok');
  isRevoked = true;
  expect(codeOf(await enter(at('a'), 'token'))).toBe('unauthorized');
  expect(codeOf(await enter(at('a'), 'token'))).toBe('unauthorized');
  expect(codeOf(await enter(at('a'), 'token'))).toBe('rate_limited');
});

it('counts nobody while it cannot be told whose a token is', async () => {
  const unavailable: Authenticated = { ok: false, refusal: refusal('unavailable') };
  const access = { authenticate: () => unavailable, recall: () => unavailable };
  const { enter, knock } = makeGate({ ...NONE, addressPerSecond: 1 }, access);
  for (let calls = 0; calls < 5; calls++) expect(codeOf(await enter(at('a'), 'token'))).toBe('unavailable');
  expect(knock('a')).toBeUndefined();
});

it('counts calls without a token once', async () => {
  const { enter, knock } = makeGate({ ...NONE, addressPerSecond: 3 }, makeAccess());
  expect(codeOf(await enter(at('a'), undefined))).toBe('unauthorized');
  expect(knock('a')).toBeUndefined();
  expect(codeOf(await enter(at('a'), undefined))).toBe('unauthorized');
  expect(knock('a')).toMatchObject({ code: 'rate_limited', data: { limit: 'addressPerSecond' } });
});
