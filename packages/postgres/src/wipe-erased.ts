import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { clientConfig } from './connection.ts';
import type { ConnectionOptions } from './connection.ts';

/** Tables whose rows `act.erase_member` and the members’ own commands change or delete. */
const TABLES = ['act.people', 'act.agent_communications', 'act.agents'];

const PENDING_SQL = `select project_id, member_id, erased_at::text from act.erasures where wiped_at is null`;
const WIPED_SQL = `
update act.erasures e set wiped_at = clock_timestamp()
from unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) as w (project_id, member_id, erased_at)
where e.project_id = w.project_id and e.member_id = w.member_id and e.erased_at = w.erased_at`;
const SEGMENTS_SQL = `select count(*)::int as segments from pg_ls_waldir()`;

/** Hubs end their transactions within 30 s. */
const READERS_MS_MAX = 60_000;
const READERS_RETRY_MS = 200;
const OLDER_SQL = `
select 1 from pg_stat_activity
where pid <> pg_backend_pid() and (age(backend_xmin) > age($1::xid) or age(backend_xid) > age($1::xid)) limit 1`;

interface PendingRow {
  project_id: string;
  member_id: string;
  /** As text, which keeps its microseconds. */
  erased_at: string;
}

/** Goes on in another segment; without a record in it, a segment is not switched away from. */
const switchSegment = async (client: pg.Client): Promise<void> => {
  await client.query(`select pg_logical_emit_message(false, 'act', 'wiped')`);
  await client.query('select pg_switch_wal()');
};

/**
 * Leaves nothing in the write-ahead log of what was in it before. A checkpoint keeps old segments, with their content,
 * under the names of later ones: so the current one is left first, that it is old as well, and then every segment on
 * disk is filled. The rest of a segment that is switched away from is written as zeros.
 */
const overwriteLog = async (client: pg.Client): Promise<void> => {
  await switchSegment(client);
  await client.query('checkpoint');
  const { rows } = await client.query<{ segments: number }>(SEGMENTS_SQL);
  for (let segment = 0; segment <= (rows[0]?.segments ?? 0); segment++) await switchSegment(client);
};

/** Rows that an older transaction may still see would be copied along: `vacuum full` does not wait for it. */
const waitForReaders = async (client: pg.Client): Promise<void> => {
  const { rows } = await client.query<{ xid: string }>('select pg_current_xact_id()::xid::text as xid');
  for (let waited = 0; waited < READERS_MS_MAX; waited += READERS_RETRY_MS) {
    const older = await client.query(OLDER_SQL, [rows[0]?.xid]);
    if (older.rows.length === 0) return;
    await sleep(READERS_RETRY_MS);
  }
  throw new Error('a transaction older than the erasure is still open');
};

/**
 * Makes what was erased unreadable in the server’s files too: rewrites the tables without their dead rows, and leaves
 * nothing of the write-ahead log from before. The tables are locked while they are rewritten. Needs a superuser, or
 * act_owner with pg_checkpoint and the functions of the write-ahead log. Returns how many erasures are complete now.
 */
export const wipeErased = async (options: Pick<ConnectionOptions, 'connection'>): Promise<number> => {
  const client = new pg.Client(clientConfig(options));
  client.on('error', () => client.end().catch(() => undefined));
  await client.connect();
  try {
    const { rows } = await client.query<PendingRow>(PENDING_SQL);
    if (rows.length === 0) return 0;
    await waitForReaders(client);
    for (const table of TABLES) await client.query(`vacuum (full) ${table}`);
    await overwriteLog(client);
    await client.query(WIPED_SQL, [
      rows.map((row) => row.project_id),
      rows.map((row) => row.member_id),
      rows.map((row) => row.erased_at),
    ]);
    return rows.length;
  } finally {
    await client.end();
  }
};
