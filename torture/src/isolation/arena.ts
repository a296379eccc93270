import { join } from 'node:path';
import { createDatabaseIfMissing, migrate, startEmbedded } from '@agentmix/act-postgres';
import { findPgbouncer, startPgbouncer } from '@agentmix/act-testing/pgbouncer';
import pg from 'pg';
import type { Stage } from '../processes/stage.ts';
import { fill, makeProject, readTables } from './fill.ts';
import type { World } from './world.ts';

/**
 * What an attacker may find on a server besides our schema: functions that tell what they are given, and functions
 * and a type with the names of PostgreSQL's own, in schemas that act_app may use. A large object of project b.
 */
const LOOT = (secret: string, projectId: string): string => `
create schema loot;
create function loot.peek(anyelement) returns boolean language plpgsql cost 0.0001
  as $$ begin raise notice 'peek %', $1; return true; end $$;
create function loot.below(text, text) returns boolean language plpgsql cost 0.0001
  as $$ begin raise notice 'below %', $1; return $1 < $2; end $$;
create operator loot.<<< (function = loot.below, leftarg = text, rightarg = text, restrict = scalarltsel);
create function loot.current_setting(text, boolean) returns text language sql
  as $$ select case $1 when 'act.scope' then 'hub' else '${projectId}' end $$;
create function loot.project() returns uuid language sql as $$ select '${projectId}'::pg_catalog.uuid $$;
create function loot.is_hub() returns boolean language sql as $$ select true $$;
create function loot.on_event() returns event_trigger language plpgsql as $$ begin end $$;
create schema lure;
create domain lure.uuid as text;
grant usage on schema loot, lure to act_app;
grant execute on all functions in schema loot to act_app;
select lo_from_bytea(0, convert_to('${secret}', 'utf8'))`;

/**
 * The same database without what is to be proved: no row-level security, a superuser to work as, keys that forget the
 * project, and the usual conveniences that look past it. Every case has to find something here.
 */
export const breakIsolation = async ({ superuser, tables, open, b }: World): Promise<void> => {
  for (const { name } of tables) await superuser.query(`alter table act.${name} disable row level security`);
  await superuser.query(`
    alter role act_app superuser bypassrls;
    alter table act.tasks drop constraint tasks_project_id_phase_id_fkey;
    create unique index on act.phases (id);
    create unique index on act.tasks (key);
    create unique index on act.phases (key);
    alter table act.tasks add foreign key (phase_id) references act.phases (id);
    create sequence act.numbers;
    create view act.everything as select * from act.tasks;
    create function act.tell() returns trigger language plpgsql
      as $$ begin perform pg_notify('act', new::text); return new; end $$;
    create trigger tell after insert on act.live_state for each row execute function act.tell();
    create function public.escape() returns bigint language sql security definer as 'select count(*) from act.tasks'`);
  // Somebody who writes ids into statements and keeps a lock of the session; the connection ends with the server.
  const careless = await open();
  await careless.query(`select set_config('act.project_id', '${b.id}', false), pg_advisory_lock(42)`);
};

/** Starts a server with two projects full of data; everything ends with the stage. */
export const openArena = async (
  stage: Stage,
  name: string,
  rows: number,
  binDir?: string,
): Promise<{ world: World; version: string }> => {
  const server = await startEmbedded({
    dataDir: join(stage.dir, name),
    ...(binDir === undefined ? {} : { binDir }),
  });
  stage.onClose(() => server.stop());
  const { socketDir, port, superuser: user } = server;
  await createDatabaseIfMissing({ socketDir, port, user }, 'act');
  await migrate({ connection: { socketDir, port, user } });
  const open = async (as = 'act_app', more: pg.ClientConfig = {}): Promise<pg.Client> => {
    const client = new pg.Client({ host: socketDir, port, user: as, database: 'act', ...more });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  const superuser = await open(user);
  stage.onClose(() => superuser.end());
  const [a, b] = [makeProject('a'), makeProject('b')];
  const tables = await readTables(superuser);
  for (const project of [a, b]) await fill(superuser, tables, project, rows);
  await superuser.query(LOOT('b-secret-0', b.id));
  await superuser.query('create statistics act.seen (mcv) on title, note from act.tasks');
  await superuser.query('analyze');
  const program = findPgbouncer();
  const bouncer =
    program === undefined
      ? undefined
      : await startPgbouncer({ program, dir: join(stage.dir, `${name}-bouncer`), socketDir, poolSize: 1 });
  if (bouncer !== undefined) stage.onClose(bouncer.stop);
  const world: World = {
    a,
    b,
    tables,
    superuser,
    ...(bouncer === undefined ? {} : { bouncer }),
    open,
    url: (as = 'act_app') => `postgres://${as}@/act?host=${encodeURIComponent(socketDir)}&port=${port}`,
  };
  return { world, version: server.version };
};
