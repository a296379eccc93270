import { isDeepStrictEqual } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';

import type pg from 'pg';

/** Row versions written since the table was created, as counted by PostgreSQL itself. */
export interface RowChanges {
  updated: number;
  deleted: number;
}

/** A backend reports its counts at the latest when it ends; that may be a moment after the client hung up. */
const REPORT_MS_MAX = 5_000;

/**
 * Throws unless exactly these changes were made. It is how a bench proves "exactly once" about a queue that
 * deletes its jobs or keeps no count. Close every other connection first, or their counts may be missing.
 */
export async function verifyRowChanges(pool: pg.Pool, table: string, expected: RowChanges): Promise<void> {
  const deadline = performance.now() + REPORT_MS_MAX;
  for (;;) {
    const { rows } = await pool.query<RowChanges>(
      `select n_tup_upd::int as updated, n_tup_del::int as deleted
       from pg_stat_all_tables where relid = $1::regclass`,
      [table],
    );
    if (isDeepStrictEqual({ ...rows[0] }, expected)) return;
    if (performance.now() > deadline) {
      throw new Error(`${table}: expected ${JSON.stringify(expected)}, counted ${JSON.stringify(rows[0])}`);
    }
    await delay(20);
  }
}
