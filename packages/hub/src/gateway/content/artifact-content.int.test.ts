import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asked, done, expectProblem } from '../../../test/door.ts';
import type { Door } from '../../../test/door.ts';
import { openGet, openPut, put, receive, sha256, storeFile, toldOf } from '../../../test/files.ts';
import type { Place } from '../../../test/files.ts';
import { rawBytes } from '../../../test/http-request.ts';
import { memoryInUse } from '../../../test/memory-in-use.ts';
import { bearer, openRest } from '../../../test/rest-door.ts';
import { commandId, TestHub } from '../../../test/start-test-hub.ts';
import { makeProject } from '../../../test/world.ts';

const MB = 1_048_576;

describe('the doors of contents', () => {
  let hub: TestHub;
  let door: Door;
  let projectId: string;
  beforeAll(async () => {
    hub = await TestHub.start();
    door = openRest(hub);
    projectId = await makeProject(door);
  });
  afterAll(() => hub.stop());

  const place = (): Place => ({ projectId, artifactId: commandId() });
  const get = async (where: Place) => receive(await openGet(hub, where));
  const store = (where: Place, content: Buffer) =>
    door.command('artifact.store', where.projectId, toldOf(where.artifactId, content));
  const isVisible = async ({ artifactId }: Place): Promise<boolean> => {
    const page = await asked(door, 'artifact.list', projectId, { limit: 500 });
    const items = page['items'] as { id: string }[];
    const known = await door.query('artifact.get', projectId, { artifactId });
    expect(items.some(({ id }) => id === artifactId)).toBe(known.ok);
    return known.ok;
  };

  it.each([0, 1, 65_536, 65_537, 3 * MB + 5])('give back %i bytes as they were sent', async (bytes) => {
    const content = randomBytes(bytes);
    const where = await storeFile(hub, door, projectId, content);
    const found = await get(where);
    expect(found).toMatchObject({ status: 200, isWhole: true });
    expect(found.bytes.equals(content)).toBe(true);
    expect(await isVisible(where)).toBe(true);
  });

  it('send every file as bytes to save, never as a page', async () => {
    const page = Buffer.from('<script>alert(document.domain)</script>');
    const name = `résumé "x"; filename=evil.html; 100%'(*).html`;
    const where = await storeFile(hub, door, projectId, page, { name, mediaType: 'text/html' });
    const response = await openGet(hub, where);
    expect(response.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(page.length),
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'private, no-store',
      'repr-digest': `sha-256=:${Buffer.from(sha256(page), 'hex').toString('base64')}:`,
    });
    const disposition = String(response.headers['content-disposition']);
    expect(disposition).toMatch(/^attachment; filename\*=UTF-8''[\w.%!~-]+$/);
    expect(decodeURIComponent(disposition.split("''")[1] ?? '')).toBe(name);
    await receive(response);
    const known = await asked(door, 'artifact.get', projectId, { artifactId: where.artifactId });
    expect(known).toMatchObject({ name, mediaType: 'text/html' });
  });

  it.each(['../etc/passwd', 'a/b', 'a\\b', '..', '', 'a\nb', 'x\u202Egnp.exe', '\u200B', 'a'.repeat(256)])(
    'refuse the name %j',
    async (name) => {
      const content = randomBytes(3);
      const where = place();
      await put(hub, where, content);
      const answer = await door.command('artifact.store', projectId, {
        ...toldOf(where.artifactId, content),
        name,
      });
      expectProblem(answer, 'invalid_input');
    },
  );

  it('show nothing of an upload that broke off, and let it begin again', async () => {
    const content = randomBytes(2 * MB);
    const where = place();
    const sending = openPut(hub, where, content.length);
    sending.write(content.subarray(0, MB));
    await sleep(150);
    sending.destroy();
    await sleep(50);
    expect(await isVisible(where)).toBe(false);
    expectProblem(await store(where, content), 'artifact_not_uploaded');
    expect((await get(where)).status).toBe(404);
    expect(await put(hub, where, content)).toMatchObject({ ok: true, body: { sha256: sha256(content) } });
    expect(await isVisible(where)).toBe(false);
    expect(await store(where, content)).toMatchObject({ ok: true });
    expect((await get(where)).bytes.equals(content)).toBe(true);
  });

  it('take the content of the upload that began last', async () => {
    const [old, fresh] = [randomBytes(MB), randomBytes(MB)];
    const where = place();
    const sending = openPut(hub, where, old.length);
    const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
    sending.write(old.subarray(0, 600_000));
    await sleep(150);
    expect(await put(hub, where, fresh)).toMatchObject({ ok: true });
    sending.end(old.subarray(600_000));
    const [late] = await answered;
    expect(late.statusCode).toBe(409);
    expect((await receive(late)).bytes.toString()).toContain('upload_superseded');
    expectProblem(await store(where, old), 'artifact_not_uploaded');
    await store(where, fresh);
    expect((await get(where)).bytes.equals(fresh)).toBe(true);
  });

  it('refuse a hash or size that is not what came', async () => {
    const content = randomBytes(1_000);
    const where = place();
    await put(hub, where, content);
    const told = toldOf(where.artifactId, content);
    for (const wrong of [{ sha256: sha256(randomBytes(3)) }, { bytes: 999 }, { bytes: 1_001 }])
      expectProblem(
        await door.command('artifact.store', projectId, { ...told, ...wrong }),
        'artifact_not_uploaded',
      );
    expect(await isVisible(where)).toBe(false);
    expect(await store(where, content)).toMatchObject({ ok: true });
  });

  it('refuse a body that ends early or says not how long it is', async () => {
    const where = place();
    const head = (...headers: string[]): string =>
      [
        `PUT /v1/projects/${projectId}/artifacts/${where.artifactId}/content HTTP/1.1`,
        'Host: 127.0.0.1',
        `Authorization: Bearer ${hub.token}`,
        'Content-Type: application/octet-stream',
        ...headers,
        '',
        '',
      ].join('\r\n');
    const chunked = `${head('Transfer-Encoding: chunked')}3\r\nabc\r\n0\r\n\r\n`;
    expect(await rawBytes(hub.url, chunked, 1_000)).toMatch(/^HTTP\/1\.1 411/);
    const sending = openPut(hub, where, 10);
    sending.write('half');
    await sleep(100);
    sending.destroy();
    await sleep(50);
    expectProblem(await store(where, Buffer.from('half')), 'artifact_not_uploaded');
  });

  it('refuse what is too large by its announced length, before it is sent', async () => {
    const sending = openPut(hub, place(), 256 * MB + 1);
    const answered = once(sending, 'response') as Promise<[IncomingMessage]>;
    sending.flushHeaders();
    const [response] = await answered;
    expect(response.statusCode).toBe(413);
    sending.destroy();
  });

  it('refuse other content types, ids that are none, and callers without a token or from other pages', async () => {
    const body = Buffer.from('{}');
    expectProblem(
      await put(hub, place(), body, { 'content-type': 'application/json' }),
      'unsupported_media_type',
    );
    expectProblem(await put(hub, { projectId, artifactId: 'x' }, body), 'invalid_input');
    expectProblem(await put(hub, { projectId: 'x', artifactId: commandId() }, body), 'invalid_input');
    expectProblem(await put(hub, place(), body, { authorization: '' }), 'unauthorized');
    expectProblem(await put(hub, place(), body, { origin: 'http://evil.example' }), 'forbidden_origin');
    const where = await storeFile(hub, door, projectId, body);
    const stranger = { url: hub.url, token: 'act_admin_wrong' };
    expect((await receive(await openGet(stranger, where))).status).toBe(401);
  });

  it('answer an unknown project, an unknown file and one of another project alike on both sides', async () => {
    const content = randomBytes(10);
    const mine = await storeFile(hub, door, projectId, content);
    const other = await makeProject(door, 'other');
    for (const where of [place(), { ...mine, projectId: other }]) {
      const { status, bytes } = await get(where);
      expect([status, JSON.parse(bytes.toString())]).toMatchObject([404, { code: 'artifact_not_found' }]);
    }
    const nowhere = { projectId: commandId(), artifactId: mine.artifactId };
    expect((await get(nowhere)).bytes.toString()).toContain('project_not_found');
    expectProblem(await put(hub, nowhere, content), 'project_not_found');
    // The same id in another project is another file.
    expect(await put(hub, { ...mine, projectId: other }, content)).toMatchObject({ ok: true });
    expectProblem(await put(hub, mine, content), 'duplicate_id');
  });

  it('take no more than the project’s quota, uploads that are not stored yet included', async () => {
    const small = await makeProject(door, 'small');
    await done(door, 'project.update', small, { settings: { artifactBytesMax: 1_000 } });
    await storeFile(hub, door, small, randomBytes(600));
    const where = { projectId: small, artifactId: commandId() };
    expect(await put(hub, where, randomBytes(400))).toMatchObject({ ok: true });
    const over = await put(hub, { projectId: small, artifactId: commandId() }, randomBytes(1));
    expectProblem(over, 'limit_reached');
    expect(over.body).toMatchObject({ artifactBytesMax: 1_000, bytes: 1_000 });
    const again = randomBytes(300);
    expect(await put(hub, where, again)).toMatchObject({ ok: true });
    await done(door, 'project.update', small, { settings: { artifactBytesMax: 700 } });
    expectProblem(await store(where, again), 'limit_reached');
    await done(door, 'project.update', small, { status: 'archived' });
    expectProblem(await put(hub, where, again), 'project_archived');
  });

  it('are gone with the file, whose id may be used again', async () => {
    const content = randomBytes(200_000);
    const where = await storeFile(hub, door, projectId, content);
    await done(door, 'artifact.delete', projectId, { artifactId: where.artifactId });
    expect((await get(where)).status).toBe(404);
    expect(await isVisible(where)).toBe(false);
    expect(await put(hub, where, content)).toMatchObject({ ok: true });
    expect(await store(where, content)).toMatchObject({ ok: true });
    expect((await get(where)).bytes.equals(content)).toBe(true);
  });

  it('hold little memory for one who reads slowly, and send him the rest when he goes on', async () => {
    const content = randomBytes(48 * MB);
    const where = await storeFile(hub, door, projectId, content);
    const before = await memoryInUse();
    const readers = await Promise.all(Array.from({ length: 8 }, () => openGet(hub, where)));
    for (const reader of readers) reader.pause();
    await sleep(1_000);
    const grown = (await memoryInUse()) - before;
    // Eight times the file would be 384 MB; what the hub, the sockets and this test’s own clients buffer is 1 MB each.
    expect(grown).toBeLessThan(24 * MB);
    expect(await asked(door, 'project.get', projectId)).toHaveProperty('name');
    const [first, ...others] = readers;
    for (const reader of others) reader.destroy();
    const found = first && (await receive(first));
    expect(found?.isWhole).toBe(true);
    expect(found?.bytes.equals(content)).toBe(true);
  });

  it('count what became of each call', async () => {
    const response = await fetch(`${hub.url}/metrics`, { headers: bearer(hub) });
    const text = await response.text();
    for (const series of [
      'artifact.upload",code="ok',
      'artifact.upload",code="gone',
      'artifact.download",code="ok',
    ])
      expect(text).toContain(series);
  });
});
