import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'graphql-ws';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { done } from '../../../../test/door.ts';
import type { Door } from '../../../../test/door.ts';
import { run } from '../../../../test/event-reader.ts';
import { connectGraphql, EVENTS, followGraphql } from '../../../../test/graphql-client.ts';
import { bearer, openRest } from '../../../../test/rest-door.ts';
import { TestHub } from '../../../../test/start-test-hub.ts';
import { makeProject } from '../../../../test/world.ts';

describe('subscriptions of GraphQL', () => {
  let hub: TestHub;
  let door: Door;
  let projectId: string;
  beforeAll(async () => {
    hub = await TestHub.start();
    door = openRest(hub);
  });
  beforeEach(async () => {
    projectId = await makeProject(door);
  });
  const clients: Client[] = [];
  const connect = (token = hub.token, onClosed?: (event: unknown) => void): Client => {
    const client = connectGraphql({ url: hub.url, token }, onClosed);
    clients.push(client);
    return client;
  };
  const subscribers = (): number => hub.hub.service.fanOut.subscribers;
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.dispose();
    await expect.poll(subscribers, { timeout: 5_000 }).toBe(0);
  });
  afterAll(() => hub.stop());
  const write = async (count: number): Promise<void> => {
    await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        await sleep(index * 5);
        await done(door, 'project.milestone', projectId, { name: `m${index}` });
      }),
    );
  };

  it('go from the log to live without a gap, a repetition or disorder, from any cursor', async () => {
    const writing = write(300);
    const client = connect();
    const followed = [];
    for (let after = 0; after < 8; after++) {
      await sleep(120);
      followed.push(followGraphql(client, projectId, String(after)));
    }
    await writing;
    for (const [after, { seqs, errors }] of followed.entries()) {
      await expect.poll(() => seqs.at(-1), { timeout: 10_000 }).toBe(301);
      expect(seqs).toEqual(run(after + 1, 301));
      expect(errors).toEqual([]);
    }
  });

  it('resume after any cut by the cursor, none lost and none twice', async () => {
    const writing = write(200);
    const seqs: number[] = [];
    let cursor: string | undefined = '0';
    while ((seqs.at(-1) ?? 0) < 201) {
      const client = connect();
      const followed = followGraphql(client, projectId, cursor);
      await sleep(80);
      client.terminate();
      seqs.push(...followed.seqs);
      cursor = followed.cursor;
    }
    await writing;
    expect(seqs).toEqual(run(1, 201));
  });

  it('leave nothing behind on their connection, however many it has seen', async () => {
    const warnings: string[] = [];
    const note = ({ name }: Error): number => warnings.push(name);
    process.on('warning', note);
    const client = connect();
    for (let count = 0; count < 30; count++)
      for await (const { errors } of client.iterate({
        query: 'query ($id: ID!) { projectGet(projectId: $id) { name } }',
        variables: { id: projectId },
      }))
        expect(errors).toBeUndefined();
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });

  it('come as server-sent events too, behind the same cursor', async () => {
    await write(5);
    const gone = new AbortController();
    const response = await fetch(`${hub.url}/graphql`, {
      method: 'POST',
      headers: { ...bearer(hub), 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query: EVENTS, variables: { project: projectId, after: '2' } }),
      signal: gone.signal,
    });
    expect(response.headers.get('content-type')).toMatch('text/event-stream');
    const seqs: number[] = [];
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += new TextDecoder().decode(chunk as Uint8Array);
      const messages = text.split('\n\n');
      text = messages.pop() ?? '';
      for (const message of messages) {
        const [, data] = /^event: next\ndata: (.*)$/.exec(message) ?? [];
        if (data === undefined) continue;
        const result = JSON.parse(data) as { data: { events: { events: { seq: number }[] } } };
        seqs.push(...result.data.events.events.map(({ seq }) => seq));
      }
      if (seqs.at(-1) === 6) break;
    }
    gone.abort();
    expect(seqs).toEqual(run(3, 6));
  });

  it('are refused by name: a cursor ahead of the log, a project of others, one that is none', async () => {
    const client = connect();
    const codeOf = async (project: string, after: string): Promise<unknown> => {
      const { errors } = followGraphql(client, project, after);
      await expect.poll(() => errors.length).toBe(1);
      return (errors[0] as { extensions: { code: string } }).extensions.code;
    };
    expect(await codeOf(projectId, '1000')).toBe('cursor_in_future');
    expect(await codeOf(crypto.randomUUID(), '0')).toBe('project_not_found');
    expect(await codeOf('none', '0')).toBe('invalid_input');
    expect(await codeOf(projectId, 'x')).toBe('invalid_input');
  });

  it('end with what opened them: a revoked key closes the connection within 2 s', async () => {
    const memberId = crypto.randomUUID();
    await done(door, 'member.put', projectId, { memberId, kind: 'service', role: 'viewer' });
    const { keyId, key } = await done(door, 'key.create', projectId, { memberId });
    const closed: unknown[] = [];
    const client = connect(String(key), (event) => closed.push(event));
    const followed = followGraphql(client, projectId, '0');
    await expect.poll(() => followed.seqs.length).toBeGreaterThan(0);
    await done(door, 'key.revoke', projectId, { keyId });
    await expect
      .poll(() => closed, { timeout: 2_000 })
      .toMatchObject([{ code: 4401, reason: 'key_revoked' }]);
  });

  it('need a valid token within the first message', async () => {
    const closed: unknown[] = [];
    connect('act_wrong', (event) => closed.push(event));
    await expect.poll(() => closed).toMatchObject([{ code: 4401, reason: 'unauthorized' }]);
  });

  it('are no way in for pages of other origins, nor by another name', async () => {
    const url = `${hub.url.replace(/^http/, 'ws')}/graphql`;
    const statusOf = (headers: Record<string, string>): Promise<number | undefined> =>
      new Promise((resolve) => {
        const socket = new WebSocket(url, 'graphql-transport-ws', { headers });
        socket.on('unexpected-response', (_request, response) => {
          resolve(response.statusCode);
          socket.terminate();
        });
        socket.on('open', () => resolve(101));
        socket.on('error', () => resolve(undefined));
      });
    expect(await statusOf({ origin: 'http://evil.test' })).toBe(403);
    expect(await statusOf({ host: 'evil.test' })).toBe(403);
    expect(await statusOf({})).toBe(101);
  });

  it('are 64 on one connection', async () => {
    const client = connect();
    const followed = Array.from({ length: 66 }, () => followGraphql(client, projectId));
    await expect.poll(subscribers).toBe(64);
    const refused = followed.flatMap(({ errors }) => errors);
    expect(refused).toHaveLength(2);
    expect(refused[0]).toMatchObject({ extensions: { code: 'limit_reached' } });
  });

  it('share the connection with queries and commands', async () => {
    const client = connect();
    const results = [];
    const query = `mutation ($project: ID!) { taskCreate(projectId: $project, title: "over a socket") { ... on TaskCreateOutput { taskId } } }`;
    for await (const result of client.iterate({ query, variables: { project: projectId } }))
      results.push(result);
    expect(results).toEqual([{ data: { taskCreate: { taskId: expect.any(String) } } }]);
  });
});
