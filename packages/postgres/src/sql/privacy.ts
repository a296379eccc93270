/** Personal data: what is kept of a member, and what is forgotten because it is old. */

export const MEMBER_GET = `
select m.id, m.kind, m.role, p.name, m.agent_id, m.write_paths, m.brought_by, m.created_at, m.removed_at
from act.members m left join act.people p on p.project_id = m.project_id and p.member_id = m.id
where m.project_id = $1 and m.id = $2`;

export const ERASURE_GET = `
select erased_at, wiped_at from act.erasures where project_id = $1 and member_id = $2`;

export const MEMBER_KEYS = `
select k.id, k.member_id, k.label, k.role, k.created_at, k.expires_at, u.last_used_at, k.revoked_at
from act.api_keys k left join act.key_uses u on u.project_id = k.project_id and u.key_id = k.id
where k.member_id = $2 and k.project_id = $1 order by k.id`;

/** The same messages that act.erase_member erases. */
export const MEMBER_MESSAGES = `
select c.id, c.sender_agent_id, c.recipient_agent_id, c.message_type, c.urgency, c.thread_id, c.task_id, c.content,
  c.timestamp, c.read_at, c.erased_at
from act.agent_communications c
where c.project_id = $1 and ($3::uuid is null or c.id > $3)
  and (c.sender_member_id = $2 or exists (
    select 1 from act.members m where m.project_id = $1 and m.id = $2
      and m.agent_id in (c.sender_agent_id, c.recipient_agent_id) and c.timestamp <= coalesce(m.removed_at, c.timestamp)))
order by c.id limit $4`;

/** Contents of one project’s messages that were read before a time, so many at once. */
export const ERASE_READ_SQL = `
with old as materialized (
  select id from act.agent_communications
  where project_id = $1 and read_at < $2 and erased_at is null order by read_at limit $3
)
update act.agent_communications c set content = 'null', erased_at = clock_timestamp()
from old where c.project_id = $1 and c.id = old.id`;

/** History is in the order of time: the oldest rows of a project are looked at, so many at once. */
export const TRIM_HISTORY_SQL = `
delete from act.events e using (
  select seq, timestamp from act.events where project_id = $1 order by seq limit $3
) oldest where e.project_id = $1 and e.seq = oldest.seq and oldest.timestamp < $2`;
