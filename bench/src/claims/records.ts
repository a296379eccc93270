import type pg from 'pg';

import { PROJECT_ID } from './task-table.ts';
import type { Grant } from './task-table.ts';

/** What a promise of order, events and repeatable answers needs: a counter per project, a log, and receipts. */
export const RECORDS_SCHEMA = `
  create table project (id int primary key, last_seq bigint not null default 0);
  create table event (
    project_id int not null,
    seq bigint not null,
    type text not null,
    task_id bigint not null,
    body jsonb not null,
    at timestamptz not null default clock_timestamp(),
    primary key (project_id, seq)
  );
  create table idempotency (
    project_id int not null,
    key uuid not null,
    response jsonb not null,
    at timestamptz not null default clock_timestamp(),
    primary key (project_id, key)
  );
  insert into project (id) values (${PROJECT_ID});
`;

/** The answer that the first call with this idempotency key got. */
export async function firstAnswer(client: pg.Pool | pg.PoolClient, key: string): Promise<Grant | undefined> {
  const { rows } = await client.query<{ response: Grant }>(
    'select response from idempotency where project_id = $1 and key = $2',
    [PROJECT_ID, key],
  );
  return rows[0]?.response;
}

/** Throws unless the events are numbered without a gap and there is one of each kind per task, with its receipt. */
export async function verifyRecords(pool: pg.Pool, tasks: number): Promise<void> {
  const { rows } = await pool.query<{ ok: boolean }>(
    `select
       (select last_seq from project where id = $1) = 2 * $2::int
       and (select count(*) = 2 * $2 and min(seq) = 1 and max(seq) = 2 * $2 from event where project_id = $1)
       and (select count(distinct task_id) = $2 from event where type = 'task.claimed')
       and (select count(distinct task_id) = $2 from event where type = 'task.completed')
       and (select count(*) = 2 * $2 from idempotency where project_id = $1) as ok`,
    [PROJECT_ID, tasks],
  );
  if (rows[0]?.ok !== true) throw new Error('events or receipts are missing, doubled or out of order');
}
