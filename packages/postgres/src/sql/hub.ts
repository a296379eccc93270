/** Statements of the hub itself, across projects; run with act.scope = 'hub'. */

export const CLOCK_SQL = `select extract(epoch from clock_timestamp()) * 1000 as clock`;

const renew = (lock: 'for update of s' | 'for update of s skip locked'): string => `
with asked as materialized (
  select s.project_id, s.id from act.sessions s
  join unnest($1::uuid[], $2::uuid[]) as r (project_id, id) on s.project_id = r.project_id and s.id = r.id
  where s.ended_at is null
), held as materialized (
  select s.project_id, s.id from act.sessions s join asked using (project_id, id)
  where s.ended_at is null order by s.id ${lock}
), renewed as (
  update act.sessions s set lease_until = clock_timestamp() + s.lease_ms * interval '1 millisecond'
  from held where s.project_id = held.project_id and s.id = held.id
)
select project_id, id from asked except select project_id, id from held`;

/** Renews what nobody else is changing, and returns the rest: one locked session must not hold up all others. */
export const RENEW_FREE_SQL = renew('for update of s skip locked');
/** Renews the rest, each renewal waiting in the queue of its own row, where it may come before an expiry. */
export const RENEW_HELD_SQL = renew('for update of s');

/** Notes that a hub serves, and answers how many milliseconds none did. */
export const BEAT_SQL = `
with before as materialized (select at from act.hub_beat where id = 1 for update)
update act.hub_beat b set at = clock_timestamp() from before where b.id = 1
returning extract(epoch from clock_timestamp() - before.at) * 1000 as gap`;

export const EXTEND_SQL = `
update act.sessions set lease_until = lease_until + $1 * interval '1 millisecond'
where ended_at is null`;

export const EXPIRED_SQL = `
select project_id, id from act.sessions
where ended_at is null and lease_until < clock_timestamp() - $2 * interval '1 millisecond' order by lease_until limit $1`;

/** Projects whose history lags behind their log. */
export const LAGGING_SQL = `
-- Few at a time: whoever fills them looks for new load in between.
select p.id from act.projects p left join act.history h on h.project_id = p.id
where p.last_seq > coalesce(h.seq, 0) limit 8`;
export const PROJECT_IDS_SQL = `select id from act.projects`;

/** Where the logs of these projects end. */
export const LAST_SEQS_SQL = `select id, last_seq from act.projects where id = any ($1)`;
