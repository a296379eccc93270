import { problemOf, refusal } from '@agentmix/act-contract';
import type { RefusalCode } from '@agentmix/act-contract';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeKey } from '../access/keys/api-key.ts';
import { done } from '../../test/door.ts';
import { EventReader } from '../../test/event-reader.ts';
import { httpRequest } from '../../test/http-request.ts';
import { makePrincipal, PROJECT_ROLES, withToken } from '../../test/principals.ts';
import type { Principal } from '../../test/principals.ts';
import { openRest, restCall } from '../../test/rest-door.ts';
import { connectSocket, eventOf, openSocket } from '../../test/socket-door.ts';
import { TestHub } from '../../test/start-test-hub.ts';
import { makeProject } from '../../test/world.ts';

const REVOKED_MS_MAX = 2_000;
const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  const late = performance.now() + 10_000;
  while (!(await holds())) {
    if (performance.now() > late) throw new Error('not in 10 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

describe('credentials at every door', () => {
  let hub: TestHub;
  let projectId: string;
  beforeAll(async () => {
    hub = await TestHub.start();
    projectId = await makeProject(openRest(hub));
  });
  afterAll(() => hub.stop());

  const member = (role: (typeof PROJECT_ROLES)[number] = 'agent', more = {}): Promise<Principal> =>
    makePrincipal(hub, projectId, role, more);
  const owner = () => openRest(hub);

  /** What REST, the event stream and Socket.IO say to a text instead of a key. */
  const refusedWith = async (token: string | undefined): Promise<unknown[]> => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const rest = [`/v1/projects/${projectId}`, `/v1/projects/${projectId}/events`, '/v1', '/v1/nothing'].map(
      async (path) => {
        const { status, text } = await httpRequest(`${hub.url}${path}`, { headers });
        return [status, JSON.parse(text) as unknown];
      },
    );
    const socket = connectSocket(hub.url, token === undefined ? {} : { token });
    const error = (await eventOf(socket, 'connect_error')) as { data: unknown };
    socket.disconnect();
    return [...(await Promise.all(rest)), [401, error.data]];
  };
  const expectOnly = async (token: string | undefined, code: RefusalCode): Promise<void> => {
    const answers = await refusedWith(token);
    // The problem of the code, and not a word beside it.
    expect(answers).toEqual(answers.map(() => [401, problemOf(refusal(code))]));
  };

  it('refuses a missing, a malformed and an unknown key, and a known one with another secret, alike', async () => {
    const { keyId, hub: known } = await member();
    for (const token of [
      undefined,
      'x',
      known.token.slice(0, -1),
      makeKey(uuidv7(), 'live').text,
      makeKey(keyId, 'live').text,
    ])
      await expectOnly(token, 'unauthorized');
  });

  it('refuses an expired key by its name', async () => {
    const { hub: expired } = await member('agent', { key: { expiresAt: '2020-01-01T00:00:00.000Z' } });
    await expectOnly(expired.token, 'key_expired');
  });

  it('refuses a revoked key, a removed member’s, and tokens of both by its name', async () => {
    const [revoked, removed] = [await member(), await member()];
    const tokens = [await withToken(revoked.hub), await withToken(removed.hub)];
    await done(owner(), 'key.revoke', projectId, { keyId: revoked.keyId });
    await done(owner(), 'member.remove', projectId, { memberId: removed.memberId });
    const endedAt = performance.now();
    const addresses = [revoked.hub, removed.hub, ...tokens];
    for (const address of addresses)
      await until(async () => (await restCall(address, 'project.get', projectId, {})).status === 401);
    expect(performance.now() - endedAt).toBeLessThan(REVOKED_MS_MAX);
    for (const { token } of addresses) await expectOnly(token, 'key_revoked');
  });

  it('ends streams and connections of a revoked key and of a removed member within 2 s, with the code', async () => {
    for (const end of ['key.revoke', 'member.remove'] as const)
      for (const as of ['key', 'token'] as const) {
        const { hub: key, keyId, memberId } = await member('viewer');
        const address = as === 'key' ? key : await withToken(key);
        const stream = await EventReader.open(address, projectId);
        const door = await openSocket(address);
        expect(await door.ask('subscribe', { projectId })).toMatchObject({ ok: true });
        const closed: unknown[] = [];
        door.socket.on('closed', (message: unknown) => closed.push(message));
        const cut = eventOf(door.socket, 'disconnect');
        const input = end === 'key.revoke' ? { keyId } : { memberId };
        await done(owner(), end, projectId, input);
        const endedAt = performance.now();
        await Promise.all([cut, until(() => stream.isEnded)]);
        expect(performance.now() - endedAt).toBeLessThan(REVOKED_MS_MAX);
        expect(stream.messages.at(-1)).toMatchObject({ event: 'refusal', data: { code: 'key_revoked' } });
        expect(closed).toContainEqual(
          expect.objectContaining({ problem: problemOf(refusal('key_revoked')) }),
        );
      }
  });

  it('leaves its stream to a member whose lesser role still allows it, and nothing that it does not', async () => {
    const { hub: key, memberId, door } = await member('admin');
    const stream = await EventReader.open(key, projectId);
    await done(owner(), 'member.put', projectId, { memberId, kind: 'service', role: 'viewer' });
    await done(door, 'project.milestone', projectId, { name: 'x' }).then(
      () => expect.unreachable(),
      (error: unknown) => expect(String(error)).toContain('forbidden'),
    );
    expect((await door.query('project.get', projectId, {})).ok).toBe(true);
    expect(stream.isEnded).toBe(false);
    stream.close();
  });

  it('takes both keys while a rotation overlaps, and the new one after it', async () => {
    const old = await member('agent');
    const input = { keyId: old.keyId, overlapMs: 1_500 };
    const { key } = await done(owner(), 'key.rotate', projectId, input);
    const next = openRest({ url: hub.url, token: String(key) });
    const stream = await EventReader.open(old.hub, projectId);
    for (const door of [old.door, next])
      expect((await door.query('project.get', projectId, {})).ok).toBe(true);
    await until(() => stream.isEnded);
    expect(stream.messages.at(-1)).toMatchObject({ event: 'refusal', data: { code: 'key_expired' } });
    await expectOnly(old.hub.token, 'key_expired');
    expect((await next.query('project.get', projectId, {})).ok).toBe(true);
  });

  it('refuses the old key and its tokens within 2 s of a rotation without overlap, and cuts its stream', async () => {
    const old = await member('agent');
    const address = await withToken(old.hub);
    const stream = await EventReader.open(old.hub, projectId);
    const { key } = await done(owner(), 'key.rotate', projectId, { keyId: old.keyId, overlapMs: 0 });
    const endedAt = performance.now();
    await until(() => stream.isEnded);
    expect(performance.now() - endedAt).toBeLessThan(REVOKED_MS_MAX);
    for (const { token } of [old.hub, address]) await expectOnly(token, 'key_expired');
    const next = openRest({ url: hub.url, token: String(key) });
    expect((await next.query('project.get', projectId, {})).ok).toBe(true);
  });

  it('never lets a key do more than it was made for', async () => {
    const { door } = await member('admin', { key: { role: 'viewer' } });
    expect((await door.query('project.get', projectId, {})).ok).toBe(true);
    expect((await door.command('task.create', projectId, { title: 'x' })).body).toMatchObject({
      code: 'forbidden',
    });
  });

  describe('authenticate on a Socket.IO connection', () => {
    it('takes the next token of the same member, whose key ends it from then on', async () => {
      const first = await member('agent');
      const { key, keyId } = await done(owner(), 'key.rotate', projectId, {
        keyId: first.keyId,
        overlapMs: 600_000,
      });
      const door = await openSocket(await withToken(first.hub));
      const next = await withToken({ url: hub.url, token: String(key) });
      expect(await door.ask('authenticate', { token: next.token })).toEqual({ ok: true });
      await done(owner(), 'key.revoke', projectId, { keyId: first.keyId });
      await new Promise((resolve) => setTimeout(resolve, 1_200));
      expect(door.socket.connected).toBe(true);
      expect((await door.query('project.get', projectId, {})).ok).toBe(true);
      const cut = eventOf(door.socket, 'disconnect');
      await done(owner(), 'key.revoke', projectId, { keyId });
      await cut;
    });

    it('refuses another member’s token, a key, and what is none, and goes on with its own', async () => {
      const [mine, theirs] = [await member('agent'), await member('admin')];
      const own = await withToken(mine.hub);
      const door = await openSocket(own);
      const refused: readonly (readonly [unknown, RefusalCode])[] = [
        [(await withToken(theirs.hub)).token, 'forbidden'],
        [theirs.hub.token, 'forbidden'],
        [mine.hub.token, 'forbidden'],
        ['x', 'unauthorized'],
        [undefined, 'unauthorized'],
        [{ toString: 1 }, 'unauthorized'],
        [`${own.token.slice(0, -4)}AAAA`, 'token_invalid'],
      ];
      for (const [token, code] of refused)
        expect(await door.ask('authenticate', { token })).toMatchObject({ ok: false, problem: { code } });
      expect((await door.query('project.get', projectId, {})).ok).toBe(true);
      expect((await door.command('project.milestone', projectId, { name: 'x' })).ok).toBe(false);
      door.close();
    });

    it('makes a connection of a key no connection of a token', async () => {
      const { hub: key } = await member('agent');
      const door = await openSocket(key);
      const { token } = await withToken(key);
      expect(await door.ask('authenticate', { token })).toMatchObject({ ok: false });
      door.close();
    });
  });

  it('shows the hub’s figures to members of the hub only', async () => {
    for (const role of PROJECT_ROLES) {
      const { hub: key } = await member(role);
      const headers = { authorization: `Bearer ${key.token}` };
      const answer = await httpRequest(`${hub.url}/metrics`, { headers });
      expect([answer.status, JSON.parse(answer.text)]).toEqual([403, problemOf(refusal('forbidden'))]);
    }
    const headers = { authorization: `Bearer ${hub.token}` };
    expect((await httpRequest(`${hub.url}/metrics`, { headers })).text).toContain('act_');
    expect((await restCall(hub, 'project.list', undefined, {})).status).toBe(200);
  });
});
