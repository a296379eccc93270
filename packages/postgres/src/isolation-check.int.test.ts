import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabaseIfMissing } from './create-database.ts';
import { startEmbedded } from './embedded/index.ts';
import type { EmbeddedServer } from './embedded/index.ts';
import { inspectConnection, isolationProblems } from './isolation-check.ts';
import { migrate } from './migrate.ts';

/** One statement of an owner or superuser each, and what the check has to say about it. */
const BREAKS: readonly (readonly [statement: string, problem: RegExp])[] = [
  ['alter table act.tasks no force row level security', /^table act\.tasks: .*not forced/],
  ['alter table act.tasks disable row level security', /^table act\.tasks: .*not enabled/],
  ['alter table act.migrations no force row level security', /^table act\.migrations: .*not forced/],
  ['create table act.extra (id int)', /^table act\.extra: .*not enabled/],
  ['drop policy project on act.tasks', /^table act\.tasks: it has no policy/],
  ['create policy wide on act.tasks using (true)', /^policy wide on act\.tasks/],
  ['create policy wide on act.tasks for insert with check (true)', /^policy wide on act\.tasks/],
  ['grant create on schema act to act_app; alter table act.tasks owner to act_app', /act_app owns it/],
  ['grant truncate on act.log to act_app', /may truncate it/],
  ['grant trigger on act.log to public', /may truncate it, refer to it or set triggers/],
  ['create unique index oracle on act.tasks (key)', /^act\.oracle can tell/],
  ['alter table act.tasks add foreign key (id) references act.projects (id)', /does not carry the project/],
  ['create sequence act.numbers', /^S act\.numbers/],
  ['create materialized view act.kept as select * from act.tasks', /^m act\.kept/],
  ['create materialized view public.kept as select * from act.tasks', /^materialized view kept/],
  ['create view act.open as select * from act.tasks', /^view act\.open/],
  [
    'create view public.open with (security_invoker = false) as select * from act.tasks',
    /^view open shows what its owner sees/,
  ],
  ['create publication everything for all tables', /^publication everything sends rows of act\./],
  ['create publication one for table act.log', /^publication one sends rows of act\.log/],
  [
    `create function public.escape() returns void language sql security definer as 'select 1'`,
    /^function escape\(\) runs/,
  ],
  [
    `create function public.escape() returns void language sql security definer set search_path = act as 'select 1'`,
    /^function escape\(\) runs/,
  ],
  [
    `create function act.tell() returns void language sql as $$ select pg_notify('a', 'b') $$`,
    /^function act\.tell\(\) sends notifications/,
  ],
  ['alter role act_app superuser', /^act_app is superuser/],
  ['alter role act_app bypassrls', /^act_app may bypass/],
  ['alter role act_app createrole createdb replication', /^act_app may replicate/],
  [`alter role act_app set act.scope = 'hub'`, /^every connection of act_app starts with act\.scope=hub/],
  [`alter database act set search_path = public`, /^every connection of act_app starts with search_path=/],
  ['grant act_owner to act_app', /^act_app is a member of act_owner/],
  ['grant pg_read_all_data to act_app', /^act_app is a member of pg_read_all_data/],
  ['grant create on schema act to act_app', /^act_app may create objects in schema act/],
  ['grant create on schema public to public', /^act_app may create objects in schema public/],
  ['grant temporary on database act to public', /^act_app may create temporary objects/],
  ['grant create on database act to act_app', /^act_app may create objects in this database/],
  ['grant usage on schema act to public', /^everybody may usage schema act/],
  ['grant select on act.tasks to public', /^everybody may select act\.tasks/],
  ['grant select (title) on act.tasks to public', /^everybody may select act\.tasks\.title/],
  ['grant execute on function act.project() to public', /^everybody may execute act\.project\(\)/],
  [`create function act.new() returns int language sql as 'select 1'`, /^everybody may execute act\.new\(\)/],
];

const HARMLESS = [
  'create view act.open with (security_invoker = true) as select * from act.tasks',
  `create function public.pinned() returns void language sql security definer
     set search_path = pg_catalog, pg_temp as 'select 1'`,
  'create role somebody login; grant act_owner to somebody',
];

const checked = (name: string, binDir?: string): unknown =>
  describe(`the check of isolation on ${name}`, () => {
    let folder: string;
    let server: EmbeddedServer;
    let superuser: pg.Client;

    const as = (user: string): { connection: { socketDir: string; port: number; user: string } } => ({
      connection: { socketDir: server.socketDir, port: server.port, user },
    });
    const open = async (user: string): Promise<pg.Client> => {
      const client = new pg.Client({ host: server.socketDir, port: server.port, user, database: 'act' });
      await client.connect();
      return client;
    };
    /** What the check says while the statements hold. */
    const problemsWith = async (statements: string): Promise<string[]> => {
      await superuser.query('begin');
      try {
        await superuser.query(statements);
        return await isolationProblems(superuser);
      } finally {
        await superuser.query('rollback');
      }
    };

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'act-check-'));
      const dataDir = join(folder, 'data');
      server = await startEmbedded({ dataDir, ...(binDir === undefined ? {} : { binDir }) });
      const { socketDir, port } = server;
      await createDatabaseIfMissing({ socketDir, port, user: server.superuser }, 'act');
      superuser = await open(server.superuser);
    });
    afterAll(async () => {
      await superuser.end();
      await server.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    });

    it('lets a user who is no superuser make the schema, and the hub’s log-in say that it is missing', async () => {
      await superuser.query('create role maker login createrole; alter database act owner to maker');
      await superuser.query('create role act_app login');
      await expect(migrate(as('act_app'))).rejects.toMatchObject({
        name: 'SchemaTooOld',
        message: expect.stringContaining('ACT_MIGRATE_URL'),
      });
      await superuser.query('drop role act_app');
      expect((await migrate(as('maker'))).length).toBeGreaterThan(0);
      expect(await migrate(as('maker'))).toEqual([]);
      expect(await migrate(as('act_app'))).toEqual([]);
    });

    it('finds nothing in the schema as it is, whoever asks', async () => {
      expect(await isolationProblems(superuser)).toEqual([]);
      expect(await inspectConnection(as('act_app'))).toEqual({ isPooled: false });
    });

    it.each(BREAKS)('finds it when somebody does: %s', async (statement, problem) => {
      expect(await problemsWith(statement)).toContainEqual(expect.stringMatching(problem));
    });

    it.each(HARMLESS)('finds nothing in: %s', async (statement) => {
      expect(await problemsWith(statement)).toEqual([]);
    });

    it('refuses a log-in that is not act_app, and one that was made superuser', async () => {
      await expect(inspectConnection(as(server.superuser))).rejects.toMatchObject({
        name: 'NotIsolated',
        message: expect.stringContaining('log in as postgres'),
      });
      await superuser.query('create role twin login in role act_app');
      await expect(inspectConnection(as('twin'))).rejects.toThrow(/log in as twin/);
      await superuser.query('alter role act_app superuser');
      await expect(inspectConnection(as('act_app'))).rejects.toThrow(/act_app is superuser/);
      await superuser.query('alter role act_app nosuperuser');
      await superuser.query('alter role act_app set row_security = off');
      await expect(inspectConnection(as('act_app'))).rejects.toThrow(/row_security is off/);
      await superuser.query('alter role act_app reset row_security');
    });

    it('gives the hub’s log-in limits of time that no connection has to ask for', async () => {
      const client = await open('act_app');
      const { rows } = await client.query(
        `select current_setting('statement_timeout') as statement,
           current_setting('idle_in_transaction_session_timeout') as idle`,
      );
      expect(rows).toEqual([{ statement: '30s', idle: '10s' }]);
      await client.end();
    });
  });

checked('the embedded PostgreSQL');

const POSTGRESQL_15 = '/usr/lib/postgresql/15/bin';
if (existsSync(POSTGRESQL_15)) checked('PostgreSQL 15', POSTGRESQL_15);
