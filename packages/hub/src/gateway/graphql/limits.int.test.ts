import { createHash } from 'node:crypto';
import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { askGraphql, postGraphql } from '../../../test/ask-graphql.ts';
import type { GraphqlAnswer } from '../../../test/ask-graphql.ts';
import { done } from '../../../test/door.ts';
import { openGraphql } from '../../../test/graphql-door.ts';
import { httpRequest } from '../../../test/http-request.ts';
import { TestHub } from '../../../test/start-test-hub.ts';

let hub: TestHub;
let projectId: string;
beforeAll(async () => {
  hub = await TestHub.start();
  const made = await done(openGraphql(hub), 'project.create', undefined, { name: 'limits' });
  projectId = String(made['projectId']);
});
afterAll(() => hub.stop());

const repeat = (count: number, part: (index: number) => string): string =>
  Array.from({ length: count }, (_none, index) => part(index)).join(' ');
const nested = (levels: number, open: string, close: string, inner: string): string =>
  open.repeat(levels) + inner + close.repeat(levels);
const tasks = '(projectId: "01900000-0000-7000-8000-000000000001", first: 500)';

const hostile: readonly (readonly [string, string, RegExp])[] = [
  ['10,000 aliases', `{ ${repeat(10_000, (n) => `a${n}: __typename`)} }`, /at most|tokens/],
  ['16 aliases', `{ ${repeat(16, (n) => `a${n}: __typename`)} }`, /aliases/],
  ['a depth of 1,000', nested(1_000, '{ a ', '}', ''), /tokens|Syntax|deeper/],
  [
    'a depth of 11',
    `{ projectList { nodes ${nested(3, '{ tasks { nodes { phase', '} } }', '{ id }')} } }`,
    /deeper/,
  ],
  ['a megabyte', `{ ${' '.repeat(1_000_000)} __typename }`, /characters/],
  ['1,000 directives', `{ __typename ${repeat(1_000, () => '@skip(if: false)')} }`, /tokens/],
  ['21 directives', `{ __typename ${repeat(21, () => '@skip(if: false)')} }`, /directives/],
  [
    'fragments in a circle',
    '{ projectList { ...a } } fragment a on ProjectConnection { nodes { tasks { pageInfo { endCursor } } } ...b } fragment b on ProjectConnection { ...a }',
    /itself/,
  ],
  [
    'fragments that double',
    `query { projectList { nodes { ...f0 } } } ${repeat(13, (n) => `fragment f${n} on Project { a${n}: snapshot { project { ...f${n + 1} } } b${n}: snapshot { project { ...f${n + 1} } } }`)} fragment f13 on Project { id }`,
    /aliases|deeper/,
  ],
  ['pages of pages', `{ taskList${tasks} { nodes { history(first: 500) { nodes { id } } } } }`, /objects/],
  [
    'the schema’s lists in its lists',
    '{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }',
    /lists of the schema/,
  ],
  ['an operation that is not there', 'query a { __typename } query b { __typename }', /operationName/],
];

it.each(hostile)('refuses %s before anything runs, within half a second', async (_what, query, why) => {
  await askGraphql(hub, '{ __typename }');
  const started = performance.now();
  const answer = await askGraphql(hub, query);
  expect(performance.now() - started).toBeLessThan(500);
  expect(answer.status).toBe(400);
  expect(answer.data).toBeUndefined();
  expect(answer.errors?.[0]?.message).toMatch(why);
  expect(answer.errors?.[0]?.extensions['code']).toBe('invalid_input');
});

it('refuses several operations in one request', async () => {
  const body = Array.from({ length: 1_000 }, () => ({ query: '{ __typename }' }));
  expect((await postGraphql(hub, body)).status).toBe(400);
});

it('counts what a variable asks for', async () => {
  const query = `query ($project: ID!, $first: Int) { taskList(projectId: $project, first: $first) { nodes { history(first: 50) { nodes { id } } } } }`;
  const ask = (first: number): Promise<GraphqlAnswer> =>
    askGraphql(hub, query, { project: projectId, first });
  expect((await ask(500)).errors?.[0]?.message).toMatch(/objects/);
  expect((await ask(20)).errors).toBeUndefined();
});

it('has no answer to GET, whatever it asks', async () => {
  const url = `${hub.url}/graphql?query=${encodeURIComponent('{ __typename }')}`;
  const { status } = await httpRequest(url, { headers: { authorization: `Bearer ${hub.token}` } });
  expect(status).toBe(404);
});

it('tells its schema to coordinators, and to nobody below them', async () => {
  const door = openGraphql(hub);
  const keyOf = async (role: string): Promise<string> => {
    const member = await done(door, 'member.put', projectId, {
      memberId: crypto.randomUUID(),
      kind: 'service',
      role,
    });
    return String((await done(door, 'key.create', projectId, member))['key']);
  };
  const ask = async (role: string): Promise<GraphqlAnswer> =>
    askGraphql({ url: hub.url, token: await keyOf(role) }, getIntrospectionQuery());
  expect((await ask('coordinator')).data).toMatchObject({ __schema: { queryType: { name: 'Query' } } });
  const refused = await ask('agent');
  expect(refused.status).toBe(400);
  expect(refused.errors?.[0]?.message).toMatch(/introspection/);
});

it('answers a document by its SHA-256 once it was shown, and takes no other text for it', async () => {
  const query = 'query Persisted { projectList { nodes { name } } }';
  const sha256Hash = createHash('sha256').update(query).digest('hex');
  const extensions = { persistedQuery: { version: 1, sha256Hash } };
  const unknown = await postGraphql(hub, { extensions });
  expect(unknown.errors?.[0]).toMatchObject({
    message: 'PersistedQueryNotFound',
    extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' },
  });
  expect((await postGraphql(hub, { query: '{ __typename }', extensions })).status).toBe(400);
  expect((await postGraphql(hub, { query, extensions })).data).toEqual({
    projectList: { nodes: [{ name: 'limits' }] },
  });
  expect((await postGraphql(hub, { extensions })).data).toEqual({
    projectList: { nodes: [{ name: 'limits' }] },
  });
});

it('takes the key of the head for the one command, and for no more', async () => {
  const key = '01900000-0000-7000-8000-000000000001';
  const send = (query: string) =>
    httpRequest(`${hub.url}/graphql`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${hub.token}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      body: JSON.stringify({ query, variables: { project: projectId } }),
    });
  const one = 'taskCreate(projectId: $project, title: "a") { __typename }';
  const { text } = await send(`mutation ($project: ID!) { ${one} }`);
  expect(text).toContain('idempotency_key_expired');
  const two = await send(`mutation ($project: ID!) { ${one} b: ${one} }`);
  expect([two.status, two.text]).toEqual([400, expect.stringContaining('names one command')]);
});
