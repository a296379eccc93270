import { readFileSync } from 'node:fs';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { askGraphql } from '../../../test/ask-graphql.ts';
import { done } from '../../../test/door.ts';
import { connectGraphql } from '../../../test/graphql-client.ts';
import { openGraphql } from '../../../test/graphql-door.ts';
import { httpRequest } from '../../../test/http-request.ts';
import { TestHub } from '../../../test/start-test-hub.ts';
import {
  ALIASES_MAX,
  COST_MAX,
  DEPTH_MAX,
  DIRECTIVES_MAX,
  TEXT_CHARS_MAX,
  TOKENS_MAX,
} from './limits/bounds.ts';

// The page as people read it: what it shows has to work as it stands there.
const page = readFileSync(new URL('../../../../../docs/graphql.md', import.meta.url), 'utf8');
const examples = [...page.matchAll(/```(\w+)\n(.*?)```/gs)].map(([, language = '', text = '']) => ({
  language,
  text,
}));
const example = (word: string): string => examples.find(({ text }) => text.includes(word))?.text ?? '';

let hub: TestHub;
let projectId: string;
let sessionId: string;
let taskId: string;
beforeAll(async () => {
  hub = await TestHub.start();
  const door = openGraphql(hub);
  projectId = String((await done(door, 'project.create', undefined, { name: 'page' }))['projectId']);
  sessionId = String((await done(door, 'agent.register', projectId, { agentId: 'ada' }))['sessionId']);
  taskId = String((await done(door, 'task.create', projectId, { title: 'shown' }))['taskId']);
});
afterAll(() => hub.stop());

it('has these examples, each of which a test here runs', () => {
  expect(examples.map(({ language }) => language)).toEqual(['sh', 'graphql', 'graphql']);
});

it('shows a request that is answered', async () => {
  const filled = example('curl')
    .replaceAll('$ACT_URL', hub.url)
    .replaceAll('$ACT_TOKEN', hub.token)
    .replace('…', projectId);
  const [, url = ''] = /^curl -s "(.*?)"/.exec(filled) ?? [];
  const headers = Object.fromEntries(
    [...filled.matchAll(/-H (["'])(.*?): (.*?)\1/g)].map(([, _quote, name = '', value = '']) => [
      name,
      value,
    ]),
  );
  const [, body = ''] = /-d '(.*)'/s.exec(filled) ?? [];
  const { status, text } = await httpRequest(url, { method: 'POST', headers, body });
  expect(status).toBe(200);
  expect(JSON.parse(text)).toEqual({
    data: {
      projectGet: {
        name: 'page',
        tasks: {
          nodes: [{ id: taskId, title: 'shown', phase: null }],
          pageInfo: { hasNextPage: false, endCursor: taskId },
        },
      },
    },
  });
});

it('shows a command that is done, the same under its key, and refused by the name it says', async () => {
  const variables = { project: projectId, task: taskId, session: sessionId };
  const claim = (key: string) => askGraphql(hub, example('mutation'), { ...variables, key });
  const key = uuidv7();
  const granted = { data: { taskClaim: { epoch: 1, task: { title: 'shown' } } } };
  expect(await claim(key)).toMatchObject(granted);
  expect(await claim(key)).toMatchObject(granted);
  const other = await askGraphql(hub, example('mutation'), { ...variables, key: uuidv7() });
  expect(other.errors).toBeUndefined();
  expect(other.data['taskClaim']).toMatchObject({ data: { holder: 'ada', currentEpoch: 1 } });
});

it('shows a subscription that goes on behind its cursor, over both of its transports', async () => {
  const query = example('subscription');
  const client = connectGraphql(hub);
  const first = await client.iterate({ query, variables: { project: projectId, after: '0' } }).next();
  void client.dispose();
  expect(first.value).toMatchObject({
    data: { events: { cursor: '1', events: [{ type: 'project.created' }] } },
  });
  const gone = new AbortController();
  const response = await fetch(`${hub.url}/graphql`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${hub.token}`,
      'content-type': 'application/json',
      accept: 'text/event-stream',
    },
    body: JSON.stringify({ query, variables: { project: projectId, after: '1' } }),
    signal: gone.signal,
  });
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += Buffer.from(chunk as Uint8Array).toString();
    if (text.includes('event: next')) break;
  }
  gone.abort();
  expect(text).toContain('agent.registered');
  expect(text).not.toContain('project.created');
});

it('tells the limits that hold', () => {
  const [, table = ''] = page.split('## Limits');
  const said = (count: number): string => count.toLocaleString('en');
  expect(table).toContain(`${said(TEXT_CHARS_MAX)} characters, ${said(TOKENS_MAX)} tokens`);
  expect(table).toContain(`fields ${DEPTH_MAX} deep; ${ALIASES_MAX} aliases; ${DIRECTIVES_MAX} directives`);
  expect(table).toContain(`${said(COST_MAX)} objects`);
});
