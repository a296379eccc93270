import { randomUUID } from 'node:crypto';

import pg from 'pg';

import type { Case } from '../measure/index.ts';
import type { TaskDoor } from './drain.ts';
import type { ClaimEnvironment } from './environment.ts';
import { firstAnswer, RECORDS_SCHEMA, verifyRecords } from './records.ts';
import { makeTaskCase } from './task-case.ts';
import { CLAIM, COMPLETE, LEASE_SECONDS, PROJECT_ID } from './task-table.ts';
import type { Grant } from './task-table.ts';

const UNIQUE_VIOLATION = '23505';

/**
 * Order, event and receipt in one statement. It is the last before the commit, so that the project's row, which
 * makes `seq` gapless and lets events become visible in its order, is locked as briefly as it can be.
 */
const RECORD = {
  name: 'record',
  text: `
    with counter as (
      update project set last_seq = last_seq + 1 where id = $1 returning last_seq
    ), recorded as (
      insert into event (project_id, seq, type, task_id, body)
      select $1, last_seq, $2, $3, $4 from counter
    )
    insert into idempotency (project_id, key, response) values ($1, $5, $4)`,
} as const;

/**
 * What ACT promises per claim and complete, written straightforwardly: begin, change, record, commit. A repeated
 * call runs into the unique key, is rolled back, and gets the first call's answer.
 *
 * All callers queue for the project's row, so more connections only add waiters that PostgreSQL has to wake:
 * 4 were the best of 2, 4, 8 and 16 (0.30, 0.35, 0.23, 0.18 of naive).
 */
export function makeSamePromises(environment: ClaimEnvironment): Case {
  return makeTaskCase(environment, {
    name: 'same promises: a transaction per call',
    database: 'bench_same_promises',
    connections: 4,
    schema: RECORDS_SCHEMA,
    makeDoor,
    verify: verifyRecords,
  });
}

function makeDoor(pool: pg.Pool): TaskDoor<Grant> {
  return {
    claim: (caller) =>
      onceOnly(pool, 'task.claimed', randomUUID(), async (client) => {
        const { rows } = await client.query<Grant>({ ...CLAIM, values: [PROJECT_ID, caller, LEASE_SECONDS] });
        return rows[0];
      }),
    async complete(caller, grant) {
      const done = await onceOnly(pool, 'task.completed', randomUUID(), async (client) => {
        const { rowCount } = await client.query({ ...COMPLETE, values: [grant.id, grant.epoch, caller] });
        return rowCount === 1 ? grant : undefined;
      });
      if (done === undefined) throw new Error(`task ${grant.id} was completed by someone else`);
    },
  };
}

/** Applies and records `change` under `key`, or answers as the first call with that key did. */
async function onceOnly(
  pool: pg.Pool,
  type: string,
  key: string,
  change: (client: pg.PoolClient) => Promise<Grant | undefined>,
): Promise<Grant | undefined> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const grant = await change(client);
    if (grant !== undefined) {
      await client.query({ ...RECORD, values: [PROJECT_ID, type, grant.id, JSON.stringify(grant), key] });
    }
    await client.query('commit');
    return grant;
  } catch (error) {
    await client.query('rollback');
    if (error instanceof pg.DatabaseError && error.code === UNIQUE_VIOLATION)
      return await firstAnswer(client, key);
    throw error;
  } finally {
    client.release();
  }
}
