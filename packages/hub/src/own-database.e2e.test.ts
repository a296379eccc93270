import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabaseIfMissing, startEmbedded } from '@agentmix/act-postgres';
import type { EmbeddedServer } from '@agentmix/act-postgres';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeAuthority } from '../test/certificates.ts';
import type { Authority } from '../test/certificates.ts';
import { silentLogger } from '../test/start-test-hub.ts';
import { startTlsFront } from '../test/tls-front.ts';
import type { TlsFront, TlsFrontOptions } from '../test/tls-front.ts';
import { startHub } from './start-hub.ts';
import type { StartOptions } from './start-hub.ts';

describe('a hub on a PostgreSQL server of somebody’s own', () => {
  let folder: string;
  let server: EmbeddedServer;

  const urlOf = (user: string): string =>
    `postgres://${user}@/act?host=${encodeURIComponent(server.socketDir)}&port=${server.port}`;
  const start = (
    urls: Pick<StartOptions, 'databaseUrl' | 'migrateUrl' | 'isDatabaseInClear'>,
  ): ReturnType<typeof startHub> =>
    startHub({ host: '127.0.0.1', port: 0, logger: silentLogger, dataDir: join(folder, 'hub'), ...urls });
  const asSuperuser = async (text: string): Promise<void> => {
    const { socketDir, port, superuser } = server;
    const client = new pg.Client({ host: socketDir, port, user: superuser, database: 'act' });
    await client.connect();
    await client.query(text);
    await client.end();
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'act-own-'));
    server = await startEmbedded({ dataDir: join(folder, 'server') });
    const { socketDir, port, superuser: user } = server;
    await createDatabaseIfMissing({ socketDir, port, user }, 'act');
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('does not serve as a user who could see every project', async () => {
    await expect(start({ databaseUrl: urlOf('postgres') })).rejects.toMatchObject({
      name: 'NotIsolated',
      message: expect.stringMatching(/log in as postgres.*DATABASE_URL name act_app, and ACT_MIGRATE_URL/),
    });
  });

  it('serves as act_app, with the schema made by another user or made before', async () => {
    for (const migrateUrl of [urlOf('postgres'), undefined]) {
      const hub = await start({
        databaseUrl: urlOf('act_app'),
        ...(migrateUrl === undefined ? {} : { migrateUrl }),
      });
      expect((await fetch(`${hub.url}/healthz`)).status).toBe(200);
      await hub.stop();
    }
  });

  it('does not serve while a table lacks what keeps projects apart', async () => {
    await asSuperuser('alter table act.tasks no force row level security');
    await expect(start({ databaseUrl: urlOf('act_app') })).rejects.toThrow(
      /does not keep projects apart: table act\.tasks: row-level security is not forced$/,
    );
    await asSuperuser('alter table act.tasks force row level security');
    await start({ databaseUrl: urlOf('act_app') }).then((hub) => hub.stop());
  });

  describe('across a network', () => {
    let authority: Authority;
    let fronts: TlsFront[];
    beforeAll(() => {
      authority = makeAuthority(folder);
    });
    beforeEach(() => {
      fronts = [];
    });
    afterEach(() => fronts.forEach((front) => front.close()));
    const frontOf = async (options: Partial<TlsFrontOptions> = {}): Promise<number> => {
      const socketFile = join(server.socketDir, `.s.PGSQL.${server.port}`);
      const front = await startTlsFront(socketFile, { ...authority.issue('server'), ...options });
      fronts.push(front);
      return front.port;
    };
    const tlsUrl = (port: number, caFile: string, more: Record<string, string> = {}, host = 'localhost') => {
      const settings = new URLSearchParams({ sslmode: 'verify-full', sslrootcert: caFile, ...more });
      const url = `postgres://postgres@${host}:${port}/act?${settings.toString()}`;
      return { migrateUrl: url, databaseUrl: url.replace('postgres@', 'act_app@') };
    };
    const serves = (urls: ReturnType<typeof tlsUrl>) => start(urls).then((hub) => hub.stop());

    it('does not serve a database that is reached in the clear, or that need not prove who it is', async () => {
      for (const tail of ['', '?sslmode=disable', '?sslmode=no-verify'])
        await expect(start({ databaseUrl: `postgres://act_app@db.example/act${tail}` })).rejects.toThrow(
          /^DATABASE_URL reaches db\.example over a network/,
        );
      const migrateUrl = 'postgres://postgres@192.0.2.1/act';
      await expect(start({ databaseUrl: urlOf('act_app'), migrateUrl })).rejects.toThrow(
        /^ACT_MIGRATE_URL reaches/,
      );
    });

    it('tries a database in the clear where somebody says that nobody else is on the network', async () => {
      const databaseUrl = 'postgres://act_app@database.invalid/act';
      const tried = start({ databaseUrl, isDatabaseInClear: true });
      await expect(tried).rejects.toThrow(/getaddrinfo .* database\.invalid/);
    });

    it('takes the certificate of the named authority, and no other’s, nor one of another name', async () => {
      const port = await frontOf();
      await serves(tlsUrl(port, authority.caFile));
      const stranger = makeAuthority(folder, 'stranger');
      await expect(start(tlsUrl(port, stranger.caFile))).rejects.toThrow(/certificate/);
      const elsewhere = await frontOf({ host: '127.0.0.2' });
      await expect(start(tlsUrl(elsewhere, authority.caFile, {}, '127.0.0.2'))).rejects.toThrow(/altnames/);
    });

    it('shows its own certificate to a database that asks for one', async () => {
      const port = await frontOf({ clientCaFile: authority.caFile });
      const { certFile: sslcert, keyFile: sslkey } = authority.issue('hub');
      await serves(tlsUrl(port, authority.caFile, { sslcert, sslkey }));
      const wrong = makeAuthority(folder, 'stranger').issue('guest');
      await expect(start(tlsUrl(port, authority.caFile))).rejects.toThrow();
      await expect(
        start(tlsUrl(port, authority.caFile, { sslcert: wrong.certFile, sslkey: wrong.keyFile })),
      ).rejects.toThrow();
    });
  });
});
