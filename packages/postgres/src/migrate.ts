import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { clientConfig } from './connection.ts';
import type { ConnectionOptions } from './connection.ts';
import { APPLIED_SQL, APPLY_SQL, MARK_EXPAND_SQL, MIGRATIONS_SQL, PREPARE_SQL } from './sql/migrate.ts';

const FOLDER = new URL('../migrations/', import.meta.url);
/** Any number, the same in every hub: only one migrates at a time. */
const LOCK_KEY = 4_102_447_001;
const WORKING_ROLE = 'act_app';

/** The database was migrated by a newer release in a way that this one cannot go on beside. */
export class SchemaTooNew extends Error {
  override readonly name = 'SchemaTooNew';
}

/** The database needs a migration, and the hub's own log-in may not make it. */
export class SchemaTooOld extends Error {
  override readonly name = 'SchemaTooOld';
}

const numberOf = (file: string): number => Number.parseInt(file, 10);

/** A file that older hubs go on beside begins with this line: it only adds what they need not know. */
const EXPAND_LINE = '-- expand\n';

interface AppliedRow {
  readonly number: number;
  readonly is_expand: boolean;
}

/** Files whose number the database does not have. Throws where the database has one that this release must know. */
const missingOf = async (client: pg.Client, files: readonly string[]): Promise<string[]> => {
  const { rows } = await client.query<AppliedRow>(MIGRATIONS_SQL);
  const applied = new Set(rows.map(({ number }) => number));
  const known = numberOf(files.at(-1) ?? '0');
  const newest = Math.max(0, ...rows.flatMap((row) => (row.is_expand ? [] : [row.number])));
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
  const expanding: number[] = [];
  for (const file of missing) {
    const text = await readFile(new URL(file, FOLDER), 'utf8');
    await client.query(text);
    await client.query(APPLY_SQL, [numberOf(file)]);
    if (text.startsWith(EXPAND_LINE)) expanding.push(numberOf(file));
  }
  if (expanding.length > 0) await client.query(MARK_EXPAND_SQL, [expanding]);
  await client.query('commit');
  return missing.map(numberOf);
};

/**
 * Brings the schema up to date; of several hubs at once one does, and the others wait. A newer schema is good enough
 * where all that is newer only adds (docs/replicas.md). The hub's own log-in may not, and only learns
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
