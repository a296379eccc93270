import type pg from 'pg';
import type { Attack } from '../attack.ts';
import type { Case, World } from '../world.ts';

const readAll = async (attack: Attack, world: World): Promise<void> => {
  for (const { name } of world.tables) await attack.reads(`select * from act.${name}`);
};

/** Becoming somebody else, changing what guards the tables, and putting something else in its place. */
export const roles: readonly Case[] = [
  {
    name: 'set role',
    tries: 'the owner, the superuser, roles that read everything; also by set_config',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      for (const role of ['act_owner', 'postgres', 'pg_read_all_data', 'pg_monitor', 'pg_database_owner'])
        await attack.refused(`set role ${role}`, `select set_config('role', '${role}', false)`);
      await attack.refused(
        'set session authorization postgres',
        'set session authorization act_owner',
        `select set_config('session_authorization', 'postgres', false)`,
      );
    },
  },
  {
    name: 'reset role',
    tries: 'reset role, session authorization, all; then everything',
    run: async (attack, world) => {
      for (const reset of [
        'reset role',
        'reset session authorization',
        'set role none',
        'reset all',
        'discard all',
      ]) {
        await attack.ask(reset);
        await attack.client.query('begin');
        await readAll(attack, world);
        await attack.client.query('rollback');
      }
    },
  },
  {
    name: 'the owner',
    tries: 'everything as act_owner, who is bound too because row-level security is forced',
    run: async (attack, world) => {
      const owner = await world.open('postgres');
      const { rows } = await world.superuser.query<{ owner: string }>(
        `select relowner::regrole::text as owner from pg_class where oid = 'act.tasks'::regclass`,
      );
      await owner.query(`set role ${rows[0]?.owner}`);
      for (const { name } of world.tables) {
        const text = `select * from act.${name}`;
        const found = await owner.query<Record<string, unknown>>(text);
        attack.judge({ rows: found.rows, heard: [] }, text);
      }
    },
  },
  {
    name: 'row_security off',
    tries: 'row_security = off, session_replication_role = replica, allow_system_table_mods',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      await attack.refused(
        'set local session_replication_role = replica',
        'set local allow_system_table_mods = on',
        ...world.tables
          .filter(({ column }) => column !== undefined)
          .map(({ name }) => `set local row_security = off; select * from act.${name}`),
      );
    },
  },
  {
    name: 'alter, drop and grant',
    tries: 'policies, row-level security, owners, columns, privileges of our tables',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      for (const { name } of world.tables)
        await attack.refused(
          `alter table act.${name} disable row level security`,
          `alter table act.${name} no force row level security`,
          `alter table act.${name} owner to act_app`,
          `create policy mine on act.${name} using (true)`,
          `alter table act.${name} add column mine text`,
          `drop table act.${name}`,
        );
      await attack.refused(
        'drop policy project on act.tasks',
        'alter policy project on act.tasks using (true)',
        'alter role act_app bypassrls',
        'alter role act_app superuser',
        'grant act_owner to act_app',
        'create role mine',
        'alter schema act owner to act_app',
        'alter database act owner to act_app',
        `alter system set row_security = off`,
      );
    },
  },
  {
    name: 'triggers and rules',
    tries: 'triggers, rules, event triggers and constraints that would run with others’ statements',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      for (const { name } of world.tables)
        await attack.refused(
          `create trigger mine after insert on act.${name} for each row execute function suppress_redundant_updates_trigger()`,
          `create rule mine as on update to act.${name} do also notify act`,
        );
      await attack.refused(
        'create event trigger mine on ddl_command_end execute function loot.on_event()',
        'alter table act.tasks add check (loot.peek(title))',
      );
    },
  },
  {
    name: 'functions of policies',
    tries: 'replacing, altering or dropping act.project and act.is_hub',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      await attack.refused(
        `create or replace function act.project() returns uuid language sql as $$ select '${world.b.id}'::uuid $$`,
        `alter function act.project() set search_path = loot`,
        'alter function act.project() rename to mine',
        'drop function act.is_hub() cascade',
        `create or replace function act.is_hub() returns boolean language sql as $$ select true $$`,
      );
    },
  },
  {
    name: 'objects of its own',
    tries: 'tables, functions, operators, types, casts, schemas in act, public and a new schema',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      for (const schema of ['act', 'public', 'pg_catalog'])
        await attack.refused(
          `create table ${schema}.mine (id int)`,
          `create function ${schema}.mine() returns int language sql as 'select 1'`,
          `create type ${schema}.mine as enum ('x')`,
          `create domain ${schema}.mine as uuid`,
          `create operator ${schema}.=== (function = texteq, leftarg = text, rightarg = text)`,
          `create statistics ${schema}.mine on title, note from act.tasks`,
        );
      await attack.refused(
        'create schema mine',
        'create cast (text as uuid) with inout',
        'create index on act.tasks (title)',
      );
    },
  },
  {
    name: 'pg_temp',
    tries: 'temporary tables, types and functions that hide ours for who uses the connection next',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      await attack.refused(
        'create temporary table tasks (like act.tasks)',
        'create temporary table uuid (x text)',
        'create domain pg_temp.uuid as text',
        'create domain pg_temp.timestamptz as text check (loot.peek(value))',
        `create function pg_temp.peek(text) returns boolean language sql as 'select true'`,
        'create temporary sequence mine',
        'create temporary view projects as select 1',
      );
    },
  },
  {
    name: 'search_path',
    tries: 'a schema in front in which current_setting, or the type uuid, is something else',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      for (const path of [
        'loot, pg_catalog',
        'loot, act, pg_catalog',
        'pg_temp, lure, pg_catalog',
        'loot',
        'lure',
      ])
        for (const { name } of world.tables)
          await attack.reads(`set local search_path = ${path}; select t::text from act.${name} t`);
    },
  },
  {
    name: 'functions with others’ rights',
    tries: 'every function that act_app may call and that runs as its owner',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      await attack.none(`select p.oid::regprocedure from pg_proc p where p.prosecdef
        and p.pronamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
        and has_function_privilege(p.oid, 'execute')`);
    },
  },
  {
    name: 'settings of the role',
    tries:
      'alter role act_app set …, so that later connections begin with the hub’s view; the hub’s next work is judged',
    run: async (attack, world) => {
      // Once it was set in the session, the setting is a known one, and anybody may make it a default of its own role.
      await attack.ask(`set act.scope = 'hub'; alter role act_app set act.scope = 'hub'`);
      try {
        const { inScope, openPool } = await import('@agentmix/act-postgres');
        const pool = openPool({ connection: { url: world.url() }, connectionsMax: 1, log: () => undefined });
        await inScope(pool, { projectId: world.a.id }, async (client) => {
          for (const { name } of world.tables) {
            const { rows } = await client.query<Record<string, unknown>>(`select * from act.${name}`);
            attack.judge({ rows, heard: [] }, `select * from act.${name}`);
          }
        }).finally(() => pool.end());
      } finally {
        await attack.ask('alter role act_app reset act.scope');
      }
    },
  },
  {
    name: 'replication',
    tries: 'publications, slots, and a connection that replicates',
    run: async (attack, world) => {
      await attack.bind(world.a.id);
      await attack.none(`select * from pg_publication_tables where schemaname = 'act'`);
      await attack.refused(
        'create publication mine for all tables',
        'create publication mine for table act.tasks',
        `create subscription mine connection 'host=/nowhere' publication mine with (connect = false)`,
        `select pg_create_physical_replication_slot('mine')`,
      );
      const config = { replication: 'database' } as pg.ClientConfig;
      await world.open('act_app', config).then(
        () => attack.leak(1, 'a replicating connection was let in'),
        () => undefined,
      );
    },
  },
];
