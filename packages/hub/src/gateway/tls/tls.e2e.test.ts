import { once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { io } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeAuthority } from '../../../test/certificates.ts';
import type { Authority } from '../../../test/certificates.ts';
import { eventOf } from '../../../test/socket-door.ts';
import { TestHub } from '../../../test/start-test-hub.ts';

let folder: string;
let authority: Authority;
let hub: TestHub | undefined;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'act-tls-'));
  authority = makeAuthority(folder);
});
afterEach(async () => {
  await hub?.stop();
  hub = undefined;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const portOf = ({ url }: TestHub): number => Number(new URL(url).port);

/** Status and headers of one call; rejects as TLS does. */
const get = async (path: string, options: object = {}) => {
  const ca = await readFile(authority.caFile);
  const { url = '', token = '' } = hub ?? {};
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]> }>((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const asked = request(`${url}${path}`, { ca, headers, agent: false, ...options }, (response) => {
      resolve({ status: response.statusCode ?? 0, headers: response.headers });
      response.destroy();
    });
    asked.on('error', reject);
    asked.end();
  });
};

/** The subject of the certificate shown, or why there was no connection. */
const shake = async (options: ConnectionOptions = {}): Promise<string> => {
  const ca = await readFile(authority.caFile);
  const socket = connect({ port: hub ? portOf(hub) : 0, host: '127.0.0.1', ca, ...options });
  try {
    await once(socket, 'secureConnect');
    return `${socket.getProtocol()} ${String(socket.getPeerCertificate().subject.CN)}`;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  } finally {
    socket.destroy();
  }
};

describe('a hub with a certificate', () => {
  it('serves REST, streams and Socket.IO by TLS 1.3, and nothing else', async () => {
    hub = await TestHub.start({ tls: authority.issue('hub') });
    expect(hub.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    expect((await get('/v1')).status).toBe(200);
    expect((await get('/v1/projects/00000000-0000-7000-8000-000000000009/events')).status).toBe(404);
    expect(await shake()).toBe('TLSv1.3 hub');
    expect(await shake({ maxVersion: 'TLSv1.2' })).toMatch(/PROTOCOL_VERSION|ECONNRESET/);
    const ca = await readFile(authority.caFile, 'utf8');
    const socket = io(hub.url, { transports: ['websocket'], auth: { token: hub.token }, ca, forceNew: true });
    await eventOf(socket, 'connect');
    expect(await socket.emitWithAck('query', { name: 'project.list', input: {} })).toMatchObject({
      ok: true,
    });
    socket.disconnect();
  });

  it('refuses plain HTTP without a word', async () => {
    hub = await TestHub.start({ tls: authority.issue('hub') });
    const socket = connectPlain(portOf(hub), '127.0.0.1');
    socket.on('error', () => undefined);
    let received = '';
    socket.on('data', (chunk) => (received += chunk.toString('latin1')));
    socket.write(`GET /v1 HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${hub.token}\r\n\r\n`);
    await once(socket, 'close');
    expect(received).not.toContain('HTTP/');
  });

  it('tells its log of handshakes that failed', async () => {
    const lines: unknown[] = [];
    const log = (fields: unknown): void => void lines.push(fields);
    const logger = { info: log, warn: log, error: log };
    hub = await TestHub.start({ tls: authority.issue('hub'), logger });
    await shake({ maxVersion: 'TLSv1.2' });
    await expect
      .poll(() => lines)
      .toContainEqual({
        code: 'tls_failed',
        door: 'tls',
        address: '127.0.0.1',
        operation: 'ERR_SSL_UNSUPPORTED_PROTOCOL',
      });
  });

  it('tells browsers to come by TLS only where it is called by a public name', async () => {
    hub = await TestHub.start({ tls: authority.issue('hub'), allowedHosts: ['hub.example'] });
    const named = await get('/healthz', { headers: { host: 'hub.example' } });
    expect(named.headers['strict-transport-security']).toMatch(/^max-age=\d{8}/);
    expect((await get('/healthz')).headers).not.toHaveProperty('strict-transport-security');
  });

  it('asks for client certificates of the given authority', async () => {
    const other = makeAuthority(folder, 'other-ca').issue('stranger');
    const mine = authority.issue('client');
    hub = await TestHub.start({ tls: { ...authority.issue('hub'), clientCaFile: authority.caFile } });
    const pem = async ({ certFile, keyFile }: typeof mine) => ({
      cert: await readFile(certFile),
      key: await readFile(keyFile),
    });
    expect((await get('/v1', await pem(mine))).status).toBe(200);
    await expect(get('/v1')).rejects.toThrow();
    await expect(get('/v1', await pem(other))).rejects.toThrow();
  });

  it('shows a renewed certificate to new connections, and keeps the old one while the files do not fit', async () => {
    const files = authority.issue('hub');
    hub = await TestHub.start({ tls: files });
    expect(await shake()).toBe('TLSv1.3 hub');
    const next = authority.issue('renewed');
    await copyFile(next.certFile, files.certFile);
    // Longer than the time between two looks: the certificate without its key must not be taken.
    await new Promise((resolve) => setTimeout(resolve, 7_000));
    expect(await shake()).toBe('TLSv1.3 hub');
    await copyFile(next.keyFile, files.keyFile);
    await expect.poll(() => shake(), { timeout: 15_000, interval: 500 }).toBe('TLSv1.3 renewed');
  });

  it('does not start with files that do not fit, nor on a public address without any', async () => {
    const files = { ...authority.issue('hub'), keyFile: authority.issue('wrong').keyFile };
    await expect(TestHub.start({ tls: files })).rejects.toThrow(/ACT_TLS_KEY: .* is not the key/);
    await expect(TestHub.start({ host: '0.0.0.0' })).rejects.toThrow(
      /ACT_HOST 0\.0\.0\.0 .*ACT_TLS_TERMINATED=1/,
    );
  });
});
