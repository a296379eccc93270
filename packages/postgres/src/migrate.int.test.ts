import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabaseIfMissing } from './create-database.ts';
import { startEmbedded } from './embedded/index.ts';
import type { EmbeddedServer } from './embedded/index.ts';
import { migrate, SchemaTooNew } from './migrate.ts';

const FOLDER = new URL('../migrations/', import.meta.url);
/** What takes something away from hubs that do not know the file. */
const TAKES_AWAY =
  /\b(drop|rename|truncate|delete|revoke|set\s+not\s+null|alter\s+column|add\s+constraint|create\s+unique)\b/i;

describe('migrations', () => {
  let folder: string;
  let server: EmbeddedServer;
  let owner: pg.Client;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'act-migrate-'));
    server = await startEmbedded({ dataDir: join(folder, 'data') });
    const { socketDir: host, port, superuser: user } = server;
    await createDatabaseIfMissing({ socketDir: host, port, user }, 'act');
    owner = new pg.Client({ host, port, user, database: 'act' });
    await owner.connect();
  });
  afterAll(async () => {
    await owner.end();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const migrateAs = (user: string): Promise<number[]> =>
    migrate({ connection: { socketDir: server.socketDir, port: server.port, user } });

  it('are made by one of several hubs that start at once, and waited for by the others', async () => {
    const applied = await Promise.all([1, 2, 3, 4].map(() => migrateAs(server.superuser)));
    const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.sql'));
    expect(applied.flat()).toHaveLength(files.length);
    expect(applied.filter((numbers) => numbers.length > 0)).toHaveLength(1);
  });

  it('let the server end the connections of a hub that is gone without a word', async () => {
    await migrateAs(server.superuser);
    const { rows } = await owner.query<{ settings: string[] }>(
      `select setconfig as settings from pg_db_role_setting where setrole = 'act_app'::regrole`,
    );
    expect(rows[0]?.settings).toEqual(
      expect.arrayContaining([
        'tcp_keepalives_idle=5',
        'tcp_keepalives_interval=2',
        'tcp_keepalives_count=5',
      ]),
    );
    expect(rows[0]?.settings.join()).toMatch(/tcp_user_timeout=15s/);
  });

  it('of a newer release are gone on beside where they only add, and refused where they do not', async () => {
    await owner.query('insert into act.migrations (number, is_expand) values (999001, true)');
    for (const user of [server.superuser, 'act_app']) expect(await migrateAs(user)).toEqual([]);
    await owner.query('insert into act.migrations (number) values (999002)');
    for (const user of [server.superuser, 'act_app'])
      await expect(migrateAs(user)).rejects.toThrow(SchemaTooNew);
    await expect(migrateAs('act_app')).rejects.toThrow('999002');
    await owner.query('delete from act.migrations where number > 999000');
  });

  it('that say they only add do', async () => {
    for (const name of await readdir(FOLDER)) {
      const text = await readFile(new URL(name, FOLDER), 'utf8');
      const statements = text.replaceAll(/--.*$/gm, '');
      if (text.startsWith('-- expand\n')) expect(statements, name).not.toMatch(TAKES_AWAY);
      else expect(text, name).not.toMatch(/^--\s*expand\b/i);
    }
  });
});
