import type pg from 'pg';

/** The one project whose tasks all callers fight over. */
export const PROJECT_ID = 1;
export const LEASE_SECONDS = 60;

/**
 * The table a competent engineer would write: a partial index that holds only what can be claimed, in the order
 * of claiming, so that it shrinks as the queue drains; narrow fixed-width columns; `epoch` counts grants and
 * `version` counts changes, which is also how the verification sees that each happened once.
 */
const SCHEMA = `
  create table task (
    id bigint generated always as identity primary key,
    project_id int not null,
    priority int not null default 0,
    status text not null default 'ready' check (status in ('ready', 'claimed', 'done')),
    epoch int not null default 0,
    version int not null default 0,
    holder int,
    claimed_at timestamptz,
    lease_until timestamptz,
    completed_at timestamptz,
    title text not null
  );
  create index task_ready on task (project_id, priority, id) where status = 'ready';
`;

export interface Grant {
  id: string;
  epoch: number;
}

/** $1 project, $2 holder, $3 lease in seconds. Returns a {@link Grant} or nothing. */
export const CLAIM = {
  name: 'claim',
  text: `
    update task
    set status = 'claimed', epoch = epoch + 1, version = version + 1, holder = $2,
        claimed_at = clock_timestamp(), lease_until = clock_timestamp() + make_interval(secs => $3)
    where id = (
      select id from task where project_id = $1 and status = 'ready'
      order by priority, id limit 1 for update skip locked
    )
    returning id, epoch`,
} as const;

/** $1 task, $2 epoch, $3 holder. Changes one row, or none when the grant no longer holds. */
export const COMPLETE = {
  name: 'complete',
  text: `
    update task
    set status = 'done', version = version + 1, completed_at = clock_timestamp(), lease_until = null
    where id = $1 and epoch = $2 and holder = $3 and status = 'claimed'`,
} as const;

export async function seedTasks(pool: pg.Pool, tasks: number): Promise<void> {
  await pool.query(SCHEMA);
  await pool.query(
    `insert into task (project_id, priority, title)
     select $1, n % 3, 'Task number ' || n from generate_series(1, $2::int) as n`,
    [PROJECT_ID, tasks],
  );
  await pool.query('vacuum (analyze) task');
}

/** Throws unless every task was granted once and completed once after that. */
export async function verifyTasks(pool: pg.Pool, tasks: number): Promise<void> {
  const { rows } = await pool.query<{ total: number; exact: number }>(`
    select count(*)::int as total,
      (count(*) filter (where status = 'done' and epoch = 1 and version = 2 and holder is not null
                          and completed_at >= claimed_at))::int as exact
    from task`);
  const { total = 0, exact = 0 } = rows[0] ?? {};
  if (total !== tasks || exact !== tasks) {
    throw new Error(`of ${tasks} tasks ${total} exist and ${exact} were claimed and completed exactly once`);
  }
}
