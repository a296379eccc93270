import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabaseIfMissing } from './create-database.ts';
import { startEmbedded } from './embedded/index.ts';
import type { EmbeddedServer } from './embedded/index.ts';
import { migrate } from './migrate.ts';
import { wipeErased } from './wipe-erased.ts';

const PROJECT = '00000000-0000-7000-8000-00000000000a';
const MEMBER = '00000000-0000-7000-8000-00000000000b';
const CANARY = `canary${randomBytes(16).toString('hex')}`;
const MESSAGES = 200;

let folder: string;
let server: EmbeddedServer;
let client: pg.Client;
const options = () => ({
  connection: { socketDir: server.socketDir, port: server.port, user: server.superuser },
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'act-wipe-'));
  server = await startEmbedded({ dataDir: join(folder, 'data') });
  await createDatabaseIfMissing(options().connection, 'act');
  await migrate(options());
  client = new pg.Client({
    host: server.socketDir,
    port: server.port,
    user: server.superuser,
    database: 'act',
  });
  await client.connect();
}, 60_000);
afterAll(async () => {
  await client.end();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

/** Files of the data directory in which the word stands. */
const filesWithCanary = async (): Promise<string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isFile() && (await readFile(file)).includes(CANARY)) found.push(file);
  }
  return found;
};

/** A person with a name and messages, in tables, in several segments of the log, and in the current one. */
const addPerson = async (): Promise<void> => {
  await client.query(
    `insert into act.projects (id, name, status, settings, last_seq, last_hash, written_seq, id_high, created_at, updated_at)
     values ($1, 'wiped', 'active', '{}', 0, '', 0, 0, now(), now())`,
    [PROJECT],
  );
  await client.query(
    `insert into act.members (project_id, id, kind, role, agent_id, created_at, changed_at)
     values ($1, $2, 'human', 'agent', 'ada', now(), now())`,
    [PROJECT, MEMBER],
  );
  await client.query('insert into act.people values ($1, $2, $3)', [PROJECT, MEMBER, CANARY]);
  for (let message = 0; message < MESSAGES; message++) {
    const content = JSON.stringify(`${CANARY} ${randomBytes(message % 2 ? 20 : 5_000).toString('base64')}`);
    await client.query(
      `insert into act.agent_communications (project_id, id, sender_agent_id, message_type, urgency, content, timestamp)
       values ($1, gen_random_uuid(), 'ada', 'info', 'low', $2, now())`,
      [PROJECT, content],
    );
    if (message % 40 === 0) await client.query('select pg_switch_wal()');
  }
  await client.query('analyze');
  await client.query('checkpoint');
  await client.query('update act.people set name = name');
};

it(
  'leaves nothing of what was erased in any file, also after what comes later',
  { timeout: 120_000 },
  async () => {
    await addPerson();
    expect(await wipeErased(options())).toBe(0);
    expect((await filesWithCanary()).length).toBeGreaterThan(3);
    await client.query('select act.erase_member($1, $2, now())', [PROJECT, MEMBER]);
    expect(await filesWithCanary()).not.toEqual([]);
    expect(await wipeErased(options())).toBe(1);
    expect(await filesWithCanary()).toEqual([]);
    for (let rounds = 0; rounds < 3; rounds++) {
      await client.query(`select pg_logical_emit_message(false, 'test', 'more')`);
      await client.query('select pg_switch_wal()');
      await client.query('checkpoint');
      expect(await filesWithCanary()).toEqual([]);
    }
    expect(await wipeErased(options())).toBe(0);
    const { rows } = await client.query('select erased_at < wiped_at as complete from act.erasures');
    expect(rows).toEqual([{ complete: true }]);
  },
);

it('waits for a transaction that still sees what was erased', { timeout: 60_000 }, async () => {
  const reader = new pg.Client({
    host: server.socketDir,
    port: server.port,
    user: server.superuser,
    database: 'act',
  });
  await reader.connect();
  await reader.query('begin isolation level repeatable read');
  await reader.query('select 1 from act.people');
  await client.query('insert into act.people values ($1, $2, $3)', [PROJECT, MEMBER, CANARY]);
  await client.query('select act.erase_member($1, $2, now())', [PROJECT, MEMBER]);
  let isDone = false;
  const wiping = wipeErased(options()).then(() => (isDone = true));
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(isDone).toBe(false);
  await reader.query('commit');
  await wiping;
  await reader.end();
  expect(await filesWithCanary()).toEqual([]);
});
