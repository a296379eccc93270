/** Statements of the relay, across projects; run with act.scope = 'hub'. */

export interface RelayRow {
  project_id: string;
  seq: number;
  start_seq: number;
}

/**
 * Takes projects whose log goes on after what was carried and which nobody holds, those that wait longest first. One
 * that was never carried has no row yet.
 */
export const TAKE_RELAYS_SQL = `
with waiting as materialized (
  select p.id, p.start_seq from act.projects p left join act.relays r on r.project_id = p.id
  where p.last_seq > coalesce(r.seq, 0) and (r.lease_until is null or r.lease_until < clock_timestamp())
    and ($4::uuid[] is null or p.id = any ($4))
  order by r.lease_until nulls first limit $3
), taken as (
  insert into act.relays as r (project_id, seq, owner, lease_until)
  select id, 0, $1, clock_timestamp() + $2 * interval '1 millisecond' from waiting order by id
  on conflict (project_id) do update set owner = excluded.owner, lease_until = excluded.lease_until
    where r.lease_until < clock_timestamp()
  returning project_id, seq
)
select t.project_id, t.seq, w.start_seq from taken t join waiting w on w.id = t.project_id`;

/**
 * Notes how far projects are carried, which is so whoever holds them by now, and ends the leases that are still this
 * owner's when their rest is over; without one at once.
 */
export const MOVE_RELAYS_SQL = `
update act.relays r set seq = greatest(r.seq, m.seq), lease_until = case
  when r.owner is distinct from $1 then r.lease_until
  when m.rest_ms > 0 then clock_timestamp() + m.rest_ms * interval '1 millisecond'
  else '-infinity' end
from unnest($2::uuid[], $3::bigint[], $4::float8[]) as m (project_id, seq, rest_ms)
where r.project_id = m.project_id`;

export const RELAY_BACKLOG_SQL = `
select coalesce(sum(p.last_seq - coalesce(r.seq, 0)), 0)::bigint as events
from act.projects p left join act.relays r on r.project_id = p.id where p.last_seq > coalesce(r.seq, 0)`;
