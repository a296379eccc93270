import { graphqlCalls } from '@agentmix/act-contract/graphql';
import { documentOf } from '@agentmix/act-testing/graphql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { postGraphql } from '../../../test/ask-graphql.ts';
import { TestHub } from '../../../test/start-test-hub.ts';

const hostile: readonly unknown[] = [
  null,
  '',
  'a\0b',
  '\ud800',
  -1,
  1.5,
  1e308,
  [],
  [[[]]],
  {},
  { __proto__: null },
  JSON.parse('{"__proto__":{"a":1}}'),
  JSON.parse('['.repeat(500) + ']'.repeat(500)),
];

let hub: TestHub;
beforeAll(async () => (hub = await TestHub.start()));
afterAll(() => hub.stop());

it('answers any value of any argument of any call by a refusal or a result, never by a defect', async () => {
  for (const call of graphqlCalls) {
    const query = documentOf(call);
    const names = [...query.matchAll(/\$(\w+):/g)].map(([, name = '']) => name);
    for (const value of hostile) {
      const variables = Object.fromEntries(names.map((name) => [name, value]));
      const { status, errors } = await postGraphql(hub, { query, variables });
      const codes = (errors ?? []).map(({ extensions }) => extensions['code']);
      expect([call.name, status < 500, codes.includes('internal')]).toEqual([call.name, true, false]);
    }
  }
});

it('answers a body that is no request by its name', async () => {
  for (const body of [null, 1, 'text', [], {}, { query: 1 }, { query: {} }, { query: '{ a', variables: 1 }])
    expect((await postGraphql(hub, body === 'text' ? '"text"' : body)).status).toBe(400);
});
