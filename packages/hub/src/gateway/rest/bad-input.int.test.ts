import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { badInputRules } from '../../../test/bad-input-rules.ts';
import type { Answer } from '../../../test/contract.ts';
import { expectProblem, namedFields } from '../../../test/door.ts';
import type { Door } from '../../../test/door.ts';
import { httpRequest } from '../../../test/http-request.ts';
import type { HttpOptions } from '../../../test/http-request.ts';
import { answerOf, bearer, openRest } from '../../../test/rest-door.ts';
import { commandId, TestHub } from '../../../test/start-test-hub.ts';
import { makeProject } from '../../../test/world.ts';

describe('wrong input over REST', () => {
  let hub: TestHub;
  let door: Door;
  let projectId: string;
  beforeAll(async () => {
    hub = await TestHub.start();
    door = openRest(hub);
    projectId = await makeProject(door);
  });
  afterAll(() => hub.stop());
  badInputRules(() => door, false);

  const send = async (path: string, { headers, ...options }: HttpOptions = {}): Promise<Answer> => {
    const all = { ...bearer(hub), ...headers };
    return answerOf(await httpRequest(`${hub.url}/v1${path}`, { ...options, headers: all }));
  };
  const post = (body: string | Buffer, headers: HttpOptions['headers'] = {}, path = 'tasks') =>
    send(`/projects/${projectId}/${path}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    });
  const isServing = async (): Promise<void> => {
    expect(await post('{"title":"still here"}')).toMatchObject({ ok: true });
  };

  it.each(['{', '{"title":"a"', '', 'title=a', '{"title":"a"}}', "{'title':'a'}", '\ufeff', 'undefined'])(
    'refuses the body %j as malformed',
    async (body) => {
      expectProblem(await post(body), 'malformed_body');
      await isServing();
    },
  );

  it('refuses a body that is no UTF-8 text, or stores what it reads', async () => {
    const answer = await post(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]));
    expect(answer.status).toBe(400);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'nonsense'])(
    'refuses the content type %s',
    async (type) => {
      expectProblem(await post('{"title":"a"}', { 'content-type': type }), 'unsupported_media_type');
    },
  );

  it('refuses a body without content type', async () => {
    const answer = await send(`/projects/${projectId}/tasks`, { method: 'POST', body: '{"title":"a"}' });
    expectProblem(answer, 'unsupported_media_type');
  });

  it('refuses a title of 10 MB by its size, and goes on serving', async () => {
    const body = JSON.stringify({ title: 'a'.repeat(10_000_000) });
    expectProblem(await post(body), 'payload_too_large');
    expectProblem(await post(body, {}, 'plan'), 'payload_too_large');
    await isServing();
  });

  it('takes a plan larger than other bodies, and names what is wrong in it', async () => {
    const body = JSON.stringify({ tasks: [{ key: 'a', title: 'a'.repeat(5_000_000) }] });
    const answer = await post(body, {}, 'plan');
    expectProblem(answer, 'invalid_input');
    expect(namedFields(answer)).toEqual(['tasks.0.title']);
  });

  it.each([
    [20_000, 'invalid_input'],
    [200_000, 'payload_too_large'],
  ])('refuses JSON nested %i levels deep as %s', async (levels, code) => {
    const body = `{"value":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    const headers = { 'content-type': 'application/json' };
    for (const path of ['state/deep', `tasks/${projectId}`]) {
      const method = path.startsWith('state') ? 'PUT' : 'PATCH';
      const answer = await send(`/projects/${projectId}/${path}`, { method, body, headers });
      expectProblem(answer, code);
    }
    await isServing();
  });

  it.each([
    ['several', ['a', 'b']],
    ['empty', ''],
    ['joined', `${commandId()}, ${commandId()}`],
  ])('refuses %s idempotency keys', async (_what, key) => {
    const answer = await post('{"title":"a"}', { 'idempotency-key': key });
    expectProblem(answer, 'invalid_input');
    expect(namedFields(answer)).toEqual(['Idempotency-Key']);
  });

  it('takes an idempotency key in capitals as the same key', async () => {
    const id = commandId();
    const first = await post('{"title":"a"}', { 'idempotency-key': id });
    const second = await post('{"title":"a"}', { 'idempotency-key': id.toUpperCase() });
    expect(second.body).toEqual(first.body);
  });

  it.each([
    ['/projects/abc', 400],
    ['/projects/%00', 400],
    ['/projects/%2e%2e%2f%2e%2e%2fetc', 400],
    [`/projects/${'a'.repeat(2_000)}`, 404],
    ['/projects/%ZZ', 404],
    ['/projects/%ED%A0%80', 404],
    ["/projects/'%3Bdrop%20table%20tasks", 400],
    ['/projects//tasks', 400],
    ['/nothing', 404],
    ['/projects/', 400],
  ])('answers malformed path %# with a problem', async (path, status) => {
    const answer = await send(path);
    expectProblem(answer, status === 400 ? 'invalid_input' : 'route_not_found');
  });

  it('refuses a task id that is none, percent-encoded or not, and names it', async () => {
    for (const id of ['x', '%20', '%00', `${projectId}%00`, '1%27']) {
      const answer = await send(`/projects/${projectId}/tasks/${id}`);
      expectProblem(answer, 'invalid_input');
      expect(namedFields(answer)).toEqual(['taskId']);
    }
  });

  it('takes an id in capitals as the same id', async () => {
    expect(await send(`/projects/${projectId.toUpperCase()}`)).toMatchObject({ body: { id: projectId } });
  });

  it('refuses NUL in a key of the path', async () => {
    for (const method of ['GET', 'DELETE']) {
      const answer = await send(`/projects/${projectId}/state/a%00b`, { method });
      expectProblem(answer, 'invalid_input');
      expect(namedFields(answer)).toEqual(['key']);
    }
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=501', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=1.5', 'limit'],
    ['limit=abc', 'limit'],
    ['limit=', 'limit'],
    ['limit=1e999', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['limit[]=1', 'limit[]'],
    ['status=open', 'status'],
    ['status=ready&status=ready', 'status'],
    ['phaseId=1', 'phaseId'],
    ['key=%00', 'key'],
    ['after=%00', 'after'],
    [`after=${'a'.repeat(501)}`, 'after'],
    ['surprise=1', 'surprise'],
    ['constructor=1', 'constructor'],
  ])('refuses the query string ?%s and names %s', async (text, field) => {
    const answer = await send(`/projects/${projectId}/tasks?${text}`);
    expectProblem(answer, 'invalid_input');
    expect(namedFields(answer)).toEqual([field]);
  });

  it('refuses a query string whose key names a prototype, and says so', async () => {
    const answer = await send(`/projects/${projectId}/tasks?__proto__=1`);
    expectProblem(answer, 'invalid_input');
    expect(answer.body['detail']).toContain('__proto__');
  });

  it.each(['phases', 'tasks', 'agents', 'messages', 'assistance', 'state', 'files', 'conflicts', 'history'])(
    'answers any page cursor of %s with a page or a problem',
    async (list) => {
      for (const after of [
        'x',
        '0',
        '%27%22',
        '-1',
        '99999999999999999999',
        projectId,
        'null',
        '%F0%9F%98%80',
      ]) {
        const answer = await send(`/projects/${projectId}/${list}?agentId=ada&after=${after}`);
        expect([list, after, answer.status < 500]).toEqual([list, after, true]);
        const alone = await send(`/projects/${projectId}/${list}?after=${after}`);
        expect([list, after, alone.status < 500]).toEqual([list, after, true]);
      }
    },
  );

  it.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'])(
    'refuses %s where no route takes it',
    async (method) => {
      const answer = await send('/projects', { method });
      expectProblem(answer, 'route_not_found');
      expect(answer.status).toBe(404);
    },
  );
});
