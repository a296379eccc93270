import { hubCalls, JWKS_PATH } from '@agentmix/act-contract';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { done, expectProblem } from '../../../test/door.ts';
import { EventReader } from '../../../test/event-reader.ts';
import { httpRequest } from '../../../test/http-request.ts';
import { answerOf, bearer, openRest } from '../../../test/rest-door.ts';
import { connectSocket, eventOf } from '../../../test/socket-door.ts';
import { makeProject } from '../../../test/world.ts';
import { TestHub } from '../../../test/start-test-hub.ts';
import type { Answer } from '../../../test/contract.ts';

describe('access tokens over REST', () => {
  let hub: TestHub;
  let projectId: string;
  beforeAll(async () => {
    hub = await TestHub.start();
    projectId = await makeProject(openRest(hub));
  });
  afterAll(() => hub.stop());

  const post = async (path: string, token: string | undefined, body: object): Promise<Answer> =>
    answerOf(
      await httpRequest(`${hub.url}/v1${path}`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          ...(token === undefined ? {} : bearer({ url: hub.url, token })),
        },
        body: JSON.stringify(body),
      }),
    );
  const issue = (token: string | undefined, body: object = {}): Promise<Answer> =>
    post(hubCalls['token.issue'].route.path, token, body);
  const refresh = (refreshToken: unknown): Promise<Answer> =>
    post(hubCalls['token.refresh'].route.path, undefined, { refreshToken });
  const as = (token: unknown) => openRest({ url: hub.url, token: String(token) });

  const makeAgent = async (agentId: string) => {
    const owner = openRest(hub);
    const memberId = uuidv7();
    await done(owner, 'member.put', projectId, { memberId, kind: 'agent', role: 'agent', agentId });
    const { key, keyId } = await done(owner, 'key.create', projectId, { memberId });
    return { memberId, key: String(key), keyId: String(keyId) };
  };

  it('exchanges a key for a token that may do what the key may', async () => {
    const { key } = await makeAgent('ann');
    const { body } = await issue(key);
    await done(as(body['token']), 'agent.register', projectId, { agentId: 'ann' });
    expectProblem(await as(body['token']).command('project.update', projectId, { name: 'x' }), 'forbidden');
    expectProblem(
      await as(body['token']).command('agent.register', projectId, { agentId: 'bob' }),
      'not_your_agent',
    );
  });

  it('refuses a token in exchange for a token, and no credential at all', async () => {
    const { key } = await makeAgent('cleo');
    const { body } = await issue(key);
    expectProblem(await issue(String(body['token'])), 'unauthorized');
    expectProblem(await issue(undefined), 'unauthorized');
    expectProblem(await issue('act_live_nonsense'), 'unauthorized');
  });

  it('refreshes each refresh token once, and ends the family when one is used again', async () => {
    const { key } = await makeAgent('dan');
    const first = (await issue(key, { refresh: true })).body['refreshToken'];
    const second = (await refresh(first)).body;
    await done(as(second['token']), 'agent.register', projectId, { agentId: 'dan' });
    expectProblem(await refresh(first), 'token_reused');
    expectProblem(await refresh(second['refreshToken']), 'token_invalid');
  });

  it('ends tokens, refreshing and streams with the key, at once on this hub', async () => {
    const { key, keyId } = await makeAgent('eve');
    const { body } = await issue(key, { refresh: true });
    const stream = await EventReader.open({ url: hub.url, token: String(body['token']) }, projectId);
    const socket = connectSocket(hub.url, { token: body['token'] });
    await eventOf(socket, 'connect');
    const cut = eventOf(socket, 'disconnect');
    await done(openRest(hub), 'key.revoke', projectId, { keyId });
    const revokedAt = performance.now();
    expectProblem(await as(body['token']).command('task.create', projectId, { title: 'x' }), 'key_revoked');
    await cut;
    while (!stream.isEnded) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(performance.now() - revokedAt).toBeLessThan(2_000);
    expect(stream.messages.at(-1)).toMatchObject({ event: 'refusal', data: { code: 'key_revoked' } });
    expectProblem(await as(body['token']).query('project.get', projectId, {}), 'key_revoked');
    expectProblem(await refresh(body['refreshToken']), 'key_revoked');
  });

  describe('whose signing key leaked', () => {
    const rotate = (token: string, body: object = {}): Promise<Answer> =>
      post(hubCalls['token.rotate'].route.path, token, body);
    const kidOf = (token: unknown): string =>
      (
        JSON.parse(Buffer.from(String(token).split('.', 1)[0] ?? '', 'base64url').toString()) as {
          kid: string;
        }
      ).kid;

    it('are refused at once when an owner retires it, and their keys get others', async () => {
      const { key } = await makeAgent('fay');
      const token = (await issue(key)).body['token'];
      const leaked = kidOf(token);
      const { status, body } = await rotate(hub.token, { retire: leaked });
      expect(status).toBe(200);
      expect(body['keys']).not.toContain(leaked);
      expectProblem(await as(token).query('project.get', projectId, {}), 'token_invalid');
      const next = (await issue(key)).body['token'];
      expect(body['keys']).toContain(kidOf(next));
      expect((await as(next).query('project.get', projectId, {})).status).toBe(200);
    });

    it('go on while an owner only has the next key made', async () => {
      const { key } = await makeAgent('gus');
      const token = (await issue(key)).body['token'];
      const { body } = await rotate(hub.token);
      expect(body['keys']).toEqual(expect.arrayContaining([kidOf(token)]));
      expect((await as(token).query('project.get', projectId, {})).status).toBe(200);
    });

    it('are retired by nobody else: not by a member of a project, nor with a token, which may be forged', async () => {
      const { key } = await makeAgent('hal');
      expectProblem(await rotate(key), 'forbidden');
      expectProblem(await rotate(String((await issue(hub.token)).body['token'])), 'forbidden');
      expectProblem(await rotate('act_live_nonsense'), 'unauthorized');
      expectProblem(await rotate(hub.token, { retire: 'none' }), 'invalid_input');
      expectProblem(await rotate(hub.token, { retire: 7 }), 'invalid_input');
    });
  });

  it('publishes public keys only', async () => {
    const { status, text } = await httpRequest(`${hub.url}${JWKS_PATH}`, {});
    expect(status).toBe(200);
    const { keys } = JSON.parse(text) as { keys: Record<string, unknown>[] };
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) {
      expect(key).toMatchObject({ kty: 'OKP', crv: 'Ed25519' });
      expect(key).not.toHaveProperty('d');
    }
  });
});
