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

const CLAIM_RECORDED = recorded('claim_recorded', CLAIM.text, 'task.claimed', 4);
const COMPLETE_RECORDED = recorded(
  'complete_recorded',
  `${COMPLETE.text} returning id, epoch`,
  'task.completed',
  4,
);

/**
 * The same promises by an engineer who has seen that the transaction holds the project's row over two round
 * trips: change, order, event and receipt are one auto-committed statement, which holds it only while it is
 * executed and flushed. 4 connections for the same reason (2, 4, 8, 16: 0.38, 0.38, 0.31, 0.29 of naive).
 */
export function makeSamePromisesStatement(environment: ClaimEnvironment): Case {
  return makeTaskCase(environment, {
    name: 'same promises: a statement per call',
    database: 'bench_same_promises_statement',
    connections: 4,
    schema: RECORDS_SCHEMA,
    makeDoor,
    verify: verifyRecords,
  });
}

function makeDoor(pool: pg.Pool): TaskDoor<Grant> {
  return {
    claim: (caller) => onceOnly(pool, CLAIM_RECORDED, [PROJECT_ID, caller, LEASE_SECONDS], randomUUID()),
    async complete(caller, grant) {
      const values = [grant.id, grant.epoch, caller];
      const done = await onceOnly(pool, COMPLETE_RECORDED, values, randomUUID());
      if (done === undefined) throw new Error(`task ${grant.id} was completed by someone else`);
    },
  };
}

interface Statement {
  name: string;
  text: string;
}

/**
 * Wraps `change`, whose parameters end before number `key`, so that it also takes the next number of the project,
 * and writes an event and a receipt. The joins, rather than sub-selects, let PostgreSQL re-read the counter alone
 * when another transaction was faster, and make the counter wait for the change.
 */
function recorded(name: string, change: string, type: string, key: number): Statement {
  const text = `
    with granted as (
      ${change}
    ), counter as (
      update project set last_seq = last_seq + 1 from granted where project.id = ${PROJECT_ID}
      returning last_seq, granted.id, granted.epoch, jsonb_build_object('id', granted.id::text, 'epoch', granted.epoch) as body
    ), recorded as (
      insert into event (project_id, seq, type, task_id, body)
      select ${PROJECT_ID}, last_seq, '${type}', id, body from counter
    ), receipt as (
      insert into idempotency (project_id, key, response)
      select ${PROJECT_ID}, $${key}::uuid, body from counter
    )
    select id, epoch from counter`;
  return { name, text };
}

/** Applies and records the change under `key`, or answers as the first call with that key did. */
async function onceOnly(
  pool: pg.Pool,
  statement: Statement,
  values: readonly unknown[],
  key: string,
): Promise<Grant | undefined> {
  try {
    const { rows } = await pool.query<Grant>({ ...statement, values: [...values, key] });
    return rows[0];
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === UNIQUE_VIOLATION)
      return await firstAnswer(pool, key);
    throw error;
  }
}
