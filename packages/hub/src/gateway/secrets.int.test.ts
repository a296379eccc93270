import { HUB_PROJECT_ID, hubCalls } from '@agentmix/act-contract';
import { validQueries } from '@agentmix/act-testing/calls';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseKey } from '../access/keys/api-key.ts';
import { queryNames } from '../../test/contract.ts';
import { done } from '../../test/door.ts';
import { httpRequest } from '../../test/http-request.ts';
import { makePrincipal } from '../../test/principals.ts';
import { bearer, openRest, restCall } from '../../test/rest-door.ts';
import { connectSocket, eventOf, openSocket } from '../../test/socket-door.ts';
import { commandId, TestHub } from '../../test/start-test-hub.ts';
import { makeWorld } from '../../test/world.ts';
import type { World } from '../../test/world.ts';

describe('secrets', () => {
  const lines: string[] = [];
  const log = (...values: unknown[]): void => void lines.push(JSON.stringify(values));
  let hub: TestHub;
  let world: World;
  /** Everything that opens something, as a text that must be nowhere. */
  const secrets: string[] = [];
  const keep = (text: unknown): string => {
    const key = parseKey(String(text));
    secrets.push(key ? key.secret : String(text));
    return String(text);
  };

  beforeAll(async () => {
    hub = await TestHub.start({ logger: { info: log, warn: log, error: log } });
    keep(hub.token);
    const owner = openRest(hub);
    world = await makeWorld(owner);
    const { hub: admin, keyId } = await makePrincipal(hub, world.projectId, 'admin');
    keep(admin.token);
    const rotate = { keyId, overlapMs: 60_000 };
    keep((await done(openRest(admin), 'key.rotate', world.projectId, rotate))['key']);
    const post = async (name: keyof typeof hubCalls, body: object) => {
      const headers = { ...bearer(admin), 'content-type': 'application/json' };
      const { method, path } = hubCalls[name].route;
      const { text } = await httpRequest(`${hub.url}/v1${path}`, {
        method,
        headers,
        body: JSON.stringify(body),
      });
      return JSON.parse(text) as Record<string, string>;
    };
    const issued = await post('token.issue', { refresh: true });
    keep(issued['token']);
    const next = await post('token.refresh', { refreshToken: keep(issued['refreshToken']) });
    for (const name of ['token', 'refreshToken']) keep(next[name]);
    // Refused ones are told by no line of a log either.
    await post('token.refresh', { refreshToken: issued['refreshToken'] });
    await restCall({ url: hub.url, token: `${admin.token}x` }, 'project.get', world.projectId, {});
    const socket = connectSocket(hub.url, { token: `${admin.token}x` });
    await eventOf(socket, 'connect_error');
    socket.disconnect();
    // A look of the directory notes the uses of keys.
    await new Promise((resolve) => setTimeout(resolve, 1_500));
  });
  afterAll(() => hub.stop());

  const expectNone = (what: string, text: string): void =>
    expect([what, secrets.filter((secret) => text.includes(secret))]).toEqual([what, []]);

  it('are long enough to be looked for', () => {
    expect(secrets.length).toBe(7);
    for (const secret of secrets) expect(secret.length).toBeGreaterThanOrEqual(30);
  });

  it('are in no table, whole or in part of a text', async () => {
    const client = new pg.Client({
      host: `${hub.dataDir}/run`,
      port: 5432,
      user: 'postgres',
      database: 'act',
    });
    await client.connect();
    const { rows: tables } = await client.query<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname = 'act'`,
    );
    expect(tables.length).toBeGreaterThan(15);
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`select t::text as row from ${name} t`);
      expectNone(name, rows.map(({ row }) => row).join('\n'));
    }
    await client.end();
  });

  it('are in no line of the log', () => {
    expect(lines.length).toBeGreaterThan(0);
    expectNone('log', lines.join('\n'));
  });

  it('are in no event, of the project or of the hub', async () => {
    for (const projectId of [world.projectId, HUB_PROJECT_ID]) {
      const url = `${hub.url}/v1/projects/${projectId}/history?limit=500`;
      const { text } = await httpRequest(url, { headers: bearer(hub) });
      expect(text).toContain('key.created');
      expectNone('history', text);
      const frames: string[] = [];
      const door = await openSocket(hub);
      door.socket.on('frame', (frame: string) => frames.push(frame));
      await door.ask('subscribe', { projectId, after: 0 });
      while (!frames.some((frame) => frame.includes('key.created')))
        await new Promise((resolve) => setTimeout(resolve, 10));
      door.close();
      expectNone('frames', frames.join('\n'));
    }
  });

  it('are in no answer but the one that made them', async () => {
    for (const name of queryNames)
      for (const projectId of [world.projectId, HUB_PROJECT_ID]) {
        const { text } = await restCall(hub, name, projectId, validQueries[name](world));
        expectNone(name, text);
      }
    for (const path of ['/metrics', '/v1', '/openapi.json', '/.well-known/jwks.json'])
      expectNone(path, (await httpRequest(`${hub.url}${path}`, { headers: bearer(hub) })).text);
  });

  it('of a key are answered once: a repetition has the id alone', async () => {
    const { memberId } = world;
    const id = commandId();
    const owner = openRest(hub);
    const first = await done(owner, 'key.create', world.projectId, { memberId }, id);
    const again = await done(owner, 'key.create', world.projectId, { memberId }, id);
    expect(first['key']).toEqual(expect.any(String));
    expect(again).toEqual({ keyId: first['keyId'] });
  });

  it('of a key that the caller made are answered never', async () => {
    const { memberId } = world;
    const input = { memberId, secretHash: 'ab'.repeat(32) };
    const made = await done(openRest(hub), 'key.create', world.projectId, input);
    expect(made).toEqual({ keyId: expect.any(String) as string });
  });
});
