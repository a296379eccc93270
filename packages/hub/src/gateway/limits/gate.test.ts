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

/** Lets in `good-…`, and remembers what it was asked. */
const makeAccess = () => {
  const asked: (string | undefined)[] = [];
  const authenticate = (token: string | undefined): Authenticated => {
    asked.push(token);
    return token?.startsWith('good') === true ? ADMITTED : UNAUTHORIZED;
  };
  return { asked, authenticate };
};
const codeOf = (answer: Authenticated): string => (answer.ok ? 'ok' : answer.refusal.code);

it('limits calls of one principal, not those of others, and says when to come back', async () => {
  const { call, peek } = makeGate({ ...NONE, principalPerSecond: 2 }, makeAccess());
  expect(await call('ada')).toBeUndefined();
  expect(await peek('ada')).toBeUndefined();
  expect(await call('ada')).toBeUndefined();
  const refused = { code: 'rate_limited', data: { limit: 'principalPerSecond', retryAfter: 1 } };
  expect(await peek('ada')).toMatchObject(refused);
  expect(await call('ada')).toMatchObject(refused);
  expect(await call('bob')).toBeUndefined();
  expect(await peek('cleo')).toBeUndefined();
});

it('limits calls to one project, not those to others', async () => {
  const { project } = makeGate({ ...NONE, projectPerSecond: 2 }, makeAccess());
  expect(await project('p')).toBeUndefined();
  expect(await project('p')).toBeUndefined();
  expect(await project('p')).toMatchObject({ data: { limit: 'projectPerSecond' } });
  expect(await project('q')).toBeUndefined();
});

it('opens again when its second is over', async () => {
  const { call } = makeGate({ ...NONE, principalPerSecond: 1 }, makeAccess());
  expect(await call('ada')).toBeUndefined();
  expect(await call('ada')).toBeDefined();
  await new Promise((resolve) => setTimeout(resolve, 1_050));
  expect(await call('ada')).toBeUndefined();
});

it('counts a wrong token ten times, and then refuses its address before it looks at tokens', async () => {
  const access = makeAccess();
  const { enter } = makeGate({ ...NONE, addressPerSecond: 20 }, access);
  expect(codeOf(await enter('a', 'bad'))).toBe('unauthorized');
  expect(codeOf(await enter('a', 'bad'))).toBe('unauthorized');
  expect(codeOf(await enter('a', 'bad'))).toBe('rate_limited');
  expect(codeOf(await enter('a', 'good new'))).toBe('rate_limited');
  expect(access.asked).toEqual(['bad', 'bad']);
  expect(codeOf(await enter('b', 'bad'))).toBe('unauthorized');
});

it('lets in a token that was good lately, whatever others do at its address', async () => {
  const { enter } = makeGate({ ...NONE, addressPerSecond: 20 }, makeAccess());
  expect(codeOf(await enter('a', 'good'))).toBe('ok');
  for (let tries = 0; tries < 5; tries++) await enter('a', 'bad');
  for (let calls = 0; calls < 100; calls++) expect(codeOf(await enter('a', 'good'))).toBe('ok');
});

it('counts a token that is no longer good like any other wrong one', async () => {
  let isRevoked = false;
  const { enter } = makeGate(
    { ...NONE, addressPerSecond: 12 },
    { authenticate: () => (isRevoked ? UNAUTHORIZED : ADMITTED) },
  );
  expect(codeOf(await enter('a', 'token'))).toBe('ok');
  isRevoked = true;
  expect(codeOf(await enter('a', 'token'))).toBe('unauthorized');
  expect(codeOf(await enter('a', 'token'))).toBe('unauthorized');
  expect(codeOf(await enter('a', 'token'))).toBe('rate_limited');
});

it('counts calls without a token once', async () => {
  const { enter, knock } = makeGate({ ...NONE, addressPerSecond: 3 }, makeAccess());
  expect(codeOf(await enter('a', undefined))).toBe('unauthorized');
  expect(await knock('a')).toBeUndefined();
  expect(codeOf(await enter('a', undefined))).toBe('unauthorized');
  expect(await knock('a')).toMatchObject({ code: 'rate_limited', data: { limit: 'addressPerSecond' } });
});
