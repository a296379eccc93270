import type { RetentionStore } from '@agentmix/act-core';
import type pg from 'pg';
import { inScope } from './connection.ts';
import { PROJECT_IDS_SQL } from './sql/hub.ts';
import { ERASE_READ_SQL, TRIM_HISTORY_SQL } from './sql/privacy.ts';

/** Rows of a project in one transaction. */
const ROWS_MAX = 5_000;

/** Runs a statement for every project, each in a transaction of its own; how many rows it changed in all. */
const inEveryProject = async (pool: pg.Pool, text: string, before: number): Promise<number> => {
  const ids = await inScope(pool, 'hub', (client) => client.query<{ id: string }>(PROJECT_IDS_SQL));
  let changed = 0;
  for (const { id } of ids.rows) {
    const values = [id, new Date(before).toISOString(), ROWS_MAX];
    const { rowCount } = await inScope(pool, { projectId: id }, (client) => client.query(text, values));
    changed += rowCount ?? 0;
  }
  return changed;
};

export const makeRetentionStore = (pool: pg.Pool): RetentionStore => ({
  eraseReadMessages: (before) => inEveryProject(pool, ERASE_READ_SQL, before),
  trimHistory: (before) => inEveryProject(pool, TRIM_HISTORY_SQL, before),
});
