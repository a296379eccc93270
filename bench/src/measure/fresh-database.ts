import { setTimeout as delay } from 'node:timers/promises';

import pg from 'pg';

/** A backend lives on for a moment after its client hung up, and must be gone before its database can be dropped. */
const GOODBYE_MS_MAX = 5_000;

/**
 * Creates a database, gives `use` a connection to it, and drops it afterwards, also when `use` throws.
 * A checkpoint comes between, so that no case pays for the pages its predecessor left dirty, and so that the
 * pages a case seeds are already logged in full before its clock starts.
 */
export async function withDatabase<T>(
  connection: pg.ClientConfig,
  name: string,
  use: (connection: pg.ClientConfig) => Promise<T>,
): Promise<T> {
  const identifier = pg.escapeIdentifier(name);
  const client = new pg.Client(connection);
  await client.connect();
  try {
    await client.query(`drop database if exists ${identifier} with (force)`);
    await client.query(`create database ${identifier}`);
    await client.query('checkpoint');
    return await use({ ...connection, database: name });
  } finally {
    await waitForGoodbyes(client, name);
    await client.query(`drop database if exists ${identifier} with (force)`);
    await client.end();
  }
}

/** Opens all `size` connections at once, so that none is opened inside a timed section. */
export async function openPool(connection: pg.ClientConfig, size: number): Promise<pg.Pool> {
  const pool = new pg.Pool({ ...connection, max: size, min: size });
  const complain = (error: Error) => void process.stderr.write(`connection lost: ${error.message}\n`);
  pool.on('error', complain).on('connect', (client) => void client.on('error', complain));
  const clients = await Promise.all(Array.from({ length: size }, () => pool.connect()));
  for (const client of clients) client.release();
  return pool;
}

async function waitForGoodbyes(client: pg.Client, database: string): Promise<void> {
  const deadline = performance.now() + GOODBYE_MS_MAX;
  while (performance.now() < deadline) {
    const { rowCount } = await client.query('select from pg_stat_activity where datname = $1', [database]);
    if (rowCount === 0) return;
    await delay(10);
  }
}
