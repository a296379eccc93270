import type { Store } from '@agentmix/act-core';
import type pg from 'pg';
import { openPool } from './connection.ts';
import type { ConnectionOptions } from './connection.ts';

/** Of projects that several hubs write to at the same moment; others come when one of these is done. */
const TURNS_MAX = 4;
/** Who waits for a turn holds up all who wait behind it, and can do without. */
const ANSWER_MS_MAX = 1_000;
const TURN_SQL = `select set_config('lock_timeout', $1, true), pg_advisory_xact_lock(hashtext('act turn'), hashtext($2))`;

/**
 * Turns as locks of transactions, on connections of their own: whoever has one needs others to read and to commit. A
 * hub that dies loses its turn with its connection; of one that stands still the server ends the transaction.
 */
export const makeTurns = (
  options: ConnectionOptions,
): { takeTurn: Store['takeTurn']; close: () => Promise<void> } => {
  const pool = openPool({ ...options, connectionsMax: TURNS_MAX, answerMsMax: ANSWER_MS_MAX });
  const begin = async (projectId: string, waitMs: number): Promise<(() => void) | undefined> => {
    const client = await pool.connect();
    try {
      await Promise.all([client.query('begin'), client.query(TURN_SQL, [`${waitMs}ms`, projectId])]);
    } catch {
      end(client, 'rollback');
      return undefined;
    }
    return () => end(client, 'commit');
  };
  return {
    // Without a turn it is who commits first, which is right, only slower.
    takeTurn: (projectId, waitMs) => begin(projectId, waitMs).catch(() => undefined),
    close: () => pool.end(),
  };
};

const end = (client: pg.PoolClient, how: 'commit' | 'rollback'): void => {
  client.query(how).then(
    () => client.release(),
    () => client.release(true),
  );
};
