import { CONFLICT_COLUMNS, MESSAGE_COLUMNS, TASK_COLUMNS } from './queries.ts';

/** The parts of an agent’s briefing: `$1` the project, `$2` the agent, `$3` how much is shown; `total` tells how much there is. */

export const AGENT = `
select a.id, a.name, a.kind, a.capabilities, a.session_id, p.last_seq as seq,
  coalesce((select max(s.lease_until - s.lease_ms * interval '1 millisecond') from act.sessions s
    where s.project_id = a.project_id and s.agent_id = a.id), a.registered_at) as last_seen
from act.agents a join act.projects p on p.id = a.project_id
where a.project_id = $1 and a.id = $2`;

export const HELD = `
select ${TASK_COLUMNS}, count(*) over ()::int as total from act.tasks
where project_id = $1 and assigned_agent_id = $2 and session_id is not null order by id limit $3`;

export const UNREAD = `
select ${MESSAGE_COLUMNS}, count(*) over ()::int as total from act.agent_communications
where project_id = $1 and recipient_agent_id = $2 and read_at is null
order by array_position(array['critical', 'high', 'medium', 'low'], urgency::text), id limit $3`;

/** One pass over the tasks for all agents: no index knows who holds what. `$4`: how many paths of a task. */
export const OTHERS = `
with held as materialized (
  select session_id, jsonb_agg(jsonb_strip_nulls(jsonb_build_object('id', id, 'key', key, 'title', title,
    'percent', percent, 'filePaths', to_jsonb(file_paths[1:$4]))) order by id) as tasks
  from act.tasks where project_id = $1 and session_id is not null group by session_id)
select a.id as agent_id, a.name, a.kind, coalesce(h.tasks, '[]'::jsonb) as tasks, count(*) over ()::int as total
from act.agents a left join held h on h.session_id = a.session_id
where a.project_id = $1 and a.id <> $2 and a.session_id is not null
order by (h.tasks is null), a.id limit $3`;

export const OPEN_CONFLICTS = `
select ${CONFLICT_COLUMNS}, count(*) over ()::int as total from act.conflicts
where project_id = $1 and status = 'open' order by ($2 <> all (involved_agents)), id limit $3`;
