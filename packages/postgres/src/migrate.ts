import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { clientConfig } from './connection.ts';
import type { ConnectionOptions } from './connection.ts';
import { APPLIED_SQL, PREPARE_SQL } from './sql/migrate.ts';

const FOLDER = new URL('../migrations/', import.meta.url);
/** Any number, the same in every hub: only one migrates at a time. */
const LOCK_KEY = 4_102_447_001;
const WORKING_ROLE = 'act_app';

/** The database was migrated by a newer release; this one must not write to it. */
export class SchemaTooNew extends Error {
  override readonly name = 'SchemaTooNew';
}

/** The database needs a migration, and the hub's own log-in may not make it. */
export class SchemaTooOld extends Error {
  override readonly name = 'SchemaTooOld';
}

const numberOf = (file: string): number => Number.parseInt(file, 10);

/** Files whose number the database does not have. */
const missingOf = async (client: pg.Client, files: readonly string[]): Promise<string[]> => {
  const { rows } = await client.query<{ number: number }>('select number from act.migrations');
  const applied = new Set(rows.map(({ number }) => number));
  const newest = Math.max(0, ...applied);
  const known = numberOf(files.at(-1) ?? '0');
  if (newest > known)
    throw new SchemaTooNew(
      `the database has schema ${newest}, this release knows ${known}: start the newer release`,
    );
  return files.filter((file) => !applied.has(numberOf(file)));
};

/** All missing files in one transaction, as act_owner: its lock and role end with it, behind a pooler too. */
const apply = async (client: pg.Client, files: readonly string[]): Promise<number[]> => {
  await client.query('begin');
  await client.query('select pg_advisory_xact_lock($1)', [LOCK_KEY]);
  await client.query(PREPARE_SQL);
  await client.query('set local role act_owner');
  const missing = await missingOf(client, files);
  for (const file of missing) {
    await client.query(await readFile(new URL(file, FOLDER), 'utf8'));
    await client.query('insert into act.migrations (number) values ($1)', [numberOf(file)]);
  }
  await client.query('commit');
  return missing.map(numberOf);
};

/**
 * Brings the schema up to date; safe to run by several hubs at once. The hub's own log-in may not, and only learns
 * whether the schema is the one it knows. Returns the numbers applied.
 * @throws SchemaTooNew, SchemaTooOld
 */
export const migrate = async (options: Pick<ConnectionOptions, 'connection'>): Promise<number[]> => {
  const files = (await readdir(FOLDER)).filter((name) => /^\d{6}\.sql$/.test(name)).sort();
  const client = new pg.Client(clientConfig(options));
  client.on('error', () => client.end().catch(() => undefined));
  await client.connect();
  try {
    const { rows } = await client.query<{ user: string; is_readable: boolean }>(APPLIED_SQL);
    if (rows[0]?.user !== WORKING_ROLE) return await apply(client, files);
    const missing = rows[0].is_readable ? await missingOf(client, files) : files;
    if (missing.length > 0)
      throw new SchemaTooOld(
        `the database lacks schema ${missing.map(numberOf).join(', ')}, and ${WORKING_ROLE} may not make it: ` +
          'set ACT_MIGRATE_URL to the URL of a user who may create roles',
      );
    return [];
  } finally {
    await client.end();
  }
};
