import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { clientConfig } from './connection.ts';
import type { ConnectionOptions } from './connection.ts';

const FOLDER = new URL('../migrations/', import.meta.url);
/** Any number, the same in every hub: only one migrates at a time. */
const LOCK_KEY = 4_102_447_001;

/** The database was migrated by a newer release; this one must not write to it. */
export class SchemaTooNew extends Error {
  override readonly name = 'SchemaTooNew';
}

const prepare = async (client: pg.Client): Promise<void> => {
  // Roles belong to the whole server: another database of it may have made them.
  await client.query(`
    do $$ begin
      if not exists (select from pg_roles where rolname = 'act_owner') then create role act_owner nologin; end if;
      if not exists (select from pg_roles where rolname = 'act_app') then create role act_app login nosuperuser nobypassrls; end if;
      if not pg_has_role(current_user, 'act_owner', 'member') then execute format('grant act_owner to %I', current_user); end if;
      if not pg_has_role(current_user, 'act_app', 'member') then execute format('grant act_app to %I', current_user); end if;
    end $$;
    create schema if not exists act authorization act_owner;
    create table if not exists act.migrations (number integer primary key, applied_at timestamptz not null default clock_timestamp());
    alter table act.migrations owner to act_owner`);
};

/** Brings the schema up to date as act_owner; safe to run by several hubs at once. Returns the numbers applied. */
export const migrate = async (options: Pick<ConnectionOptions, 'connection'>): Promise<number[]> => {
  const files = (await readdir(FOLDER)).filter((name) => /^\d{6}\.sql$/.test(name)).sort();
  const client = new pg.Client(clientConfig(options));
  client.on('error', () => client.end().catch(() => undefined));
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK_KEY]);
    await prepare(client);
    const { rows } = await client.query<{ number: number }>('select number from act.migrations');
    const applied = new Set(rows.map(({ number }) => number));
    const newest = Math.max(0, ...applied);
    const known = Number.parseInt(files.at(-1) ?? '0', 10);
    if (newest > known) {
      throw new SchemaTooNew(
        `the database has schema ${newest}, this release knows ${known}: start the newer release`,
      );
    }
    const missing = files.filter((name) => !applied.has(Number.parseInt(name, 10)));
    for (const name of missing) {
      await client.query('begin; set local role act_owner');
      await client.query(await readFile(new URL(name, FOLDER), 'utf8'));
      await client.query('insert into act.migrations (number) values ($1)', [Number.parseInt(name, 10)]);
      await client.query('commit');
    }
    return missing.map((name) => Number.parseInt(name, 10));
  } finally {
    await client.end();
  }
};
