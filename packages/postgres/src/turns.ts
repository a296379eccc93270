import type { Store } from '@agentmix/act-core';
import type pg from 'pg';
import { commitBatch } from './commit.ts';
import type { CommitRow } from './commit.ts';
import { ANSWER_MS_MAX, named, openPool, storeError } from './connection.ts';
import type { ConnectionOptions } from './connection.ts';
import { logPart } from './read-log.ts';
import { READ_LAST_SQL } from './sql/log.ts';
import type { LogPartRow } from './sql/log.ts';

/** Of projects that several hubs write to at the same moment; others come when one of these is done. */
const TURNS_MAX = 4;
/** Who waits for a turn holds up all who wait behind it, and can do without. */
const TURN_ANSWER_MS_MAX = 1_000;
/** Only the turn is waited for so shortly: what its transaction commits waits for locks as any commit. */
const TURN_SQL = `
select set_config('act.project_id', $1, true), set_config('act.scope', '', true), set_config('lock_timeout', $2, true),
  pg_advisory_xact_lock(hashtext('act turn'), hashtext($1)), set_config('lock_timeout', '0', true)`;

/**
 * Turns as transactions that begin with a lock and end with a batch: the next hub goes on when the server has committed,
 * not when this one has heard of it. They have connections of their own, since they wait for each other. A hub that dies
 * loses its turn with its connection; of one that stands still the server ends the transaction.
 */
export const makeTurns = (
  options: ConnectionOptions,
): { takeTurn: Store['takeTurn']; close: () => Promise<void> } => {
  const pool = openPool({ ...options, connectionsMax: TURNS_MAX, answerMsMax: TURN_ANSWER_MS_MAX });
  const begin: Store['takeTurn'] = async (projectId, waitMs, afterSeq) => {
    const client = await pool.connect();
    try {
      // The last one begins when the lock is there, with a snapshot of its own: it sees what was committed meanwhile.
      const [, , { rows }] = await Promise.all([
        client.query('begin'),
        client.query({ ...named('turn', options), text: TURN_SQL, values: [projectId, `${waitMs}ms`] }),
        client.query<LogPartRow>({
          ...named('read-last', options),
          text: READ_LAST_SQL,
          values: [projectId, afterSeq],
        }),
      ]);
      return {
        log: logPart(rows),
        commit: (batch) => commitBatch((query) => commitLast(client, query), options, batch),
        end: () => void end(client, 'commit'),
      };
    } catch {
      void end(client, 'rollback');
      return undefined;
    }
  };
  return {
    // Without a turn it is who commits first, which is right, only slower.
    takeTurn: (...asked) => begin(...asked).catch(() => undefined),
    close: () => pool.end(),
  };
};

/** Ends the transaction, and lets the connection go; after a statement that failed this undoes. */
const end = (client: pg.PoolClient, text: 'commit' | 'rollback'): Promise<unknown> => {
  const ended = client.query({ text, query_timeout: ANSWER_MS_MAX } as pg.QueryConfig);
  ended.then(
    () => client.release(),
    () => client.release(true),
  );
  return ended;
};

const commitLast = async (client: pg.PoolClient, query: pg.QueryConfig): Promise<CommitRow[]> => {
  const last = { ...query, query_timeout: ANSWER_MS_MAX } as pg.QueryConfig;
  const answered = client.query<CommitRow>(last);
  try {
    const [{ rows }] = await Promise.all([answered, end(client, 'commit')]);
    return rows;
  } catch (error) {
    throw storeError(error);
  }
};
