import { HUB_PROJECT_ID } from '@agentmix/act-contract';

/** Reads behind the contract’s queries: keyset pages, `$2` the last key of the page before, `$3` one more than a page. */

const PROJECT_COLUMNS = 'id, name, description, status, settings, last_seq as seq, created_at, updated_at';

/** Across projects: run with act.scope = 'hub'. */
export const PROJECT_LIST = `
select ${PROJECT_COLUMNS} from act.projects
where ($1::uuid is null or id > $1) and id <> '${HUB_PROJECT_ID}' order by id limit $2`;
export const PROJECT_GET = `select ${PROJECT_COLUMNS} from act.projects where id = $1`;

const PHASE_COLUMNS = `id, key, name, description, status, owner_agent_id, dependencies, estimated_effort, actual_effort,
  started_at, completed_at`;
export const PHASE_LIST = `
select ${PHASE_COLUMNS} from act.phases where project_id = $1 and ($2::uuid is null or id > $2) order by id limit $3`;

export const MEMBER_LIST = `
select m.id, m.kind, m.role, p.name, m.agent_id, m.write_paths, m.brought_by, m.created_at
from act.members m left join act.people p on p.project_id = m.project_id and p.member_id = m.id
where m.project_id = $1 and ($2::uuid is null or m.id > $2) and m.removed_at is null order by m.id limit $3`;
export const KEY_LIST = `
select k.id, k.member_id, k.label, k.role, k.created_at, k.expires_at, u.last_used_at, k.revoked_at
from act.api_keys k left join act.key_uses u on u.project_id = k.project_id and u.key_id = k.id
where k.project_id = $1 and ($2::uuid is null or k.id > $2) order by k.id limit $3`;

export const TASK_COLUMNS = `id, key, phase_id, title, description, type, status, priority, complexity_score, estimated_time,
  actual_time, requires, file_paths, dependencies, assigned_agent_id, session_id, epoch, attempts, percent, note,
  checkpoint, blocked_reason, settled, result, created_at, started_at, completed_at`;
/** Tasks without `completed_at` are those that are not closed, and have an index. */
export const TASK_LIST = `
select ${TASK_COLUMNS} from act.tasks
where project_id = $1 and ($2::uuid is null or id > $2) and ($4::text is null or status = $4)
  and ($4::text is null or $4 in ('completed', 'cancelled') or completed_at is null)
  and ($5::uuid is null or phase_id = $5) and ($6::text is null or key = $6)
order by id limit $3`;
export const TASK_GET = `select ${TASK_COLUMNS} from act.tasks where project_id = $1 and id = $2`;
export const OPEN_TASKS = `
select ${TASK_COLUMNS} from act.tasks
where project_id = $1 and completed_at is null order by id limit $2`;
export const COUNTS = `select status, count(*)::int as count from act.tasks where project_id = $1 group by status`;

/** last_seen comes from the lease, which every call of the session renews. */
export const AGENT_LIST = `
select a.id, a.name, a.kind, a.capabilities, a.session_id, a.keys,
  case when a.session_id is null then 'offline'
    when exists (select 1 from act.tasks t where t.project_id = a.project_id and t.session_id = a.session_id) then 'working'
    else 'idle' end as status,
  coalesce((select max(s.lease_until - s.lease_ms * interval '1 millisecond') from act.sessions s
    where s.project_id = a.project_id and s.agent_id = a.id), a.registered_at) as last_seen,
  coalesce((select jsonb_object_agg(type, jsonb_build_object('completed', completed, 'failed', failed)) from (
    select type, sum(completed)::int as completed, sum(failed)::int as failed from (
      select t.type, count(*) as completed, 0 as failed from act.tasks t
      where t.project_id = a.project_id and t.assigned_agent_id = a.id and t.status = 'completed' group by t.type
      union all
      select f.key, 0, f.value::bigint from jsonb_each_text(a.performance_metrics -> 'failed') f
    ) counted group by type) totals), '{}'::jsonb) as performance_metrics
from act.agents a
where a.project_id = $1 and ($2::text is null or a.id > $2) and ($4::text is null or a.id = $4)
order by a.id limit $3`;

export const MESSAGE_COLUMNS = `id, sender_agent_id, recipient_agent_id, message_type, urgency, thread_id, task_id,
  content, timestamp, read_at, erased_at`;
const messageList = (isBeyond: '>' | '<', order: 'asc' | 'desc'): string => `
select ${MESSAGE_COLUMNS}
from act.agent_communications
where project_id = $1 and ($2::uuid is null or id ${isBeyond} $2)
  and (recipient_agent_id = $4 or (recipient_agent_id is null and sender_agent_id <> $4 and not $5::boolean))
  and (not $5::boolean or read_at is null)
  and (not $6::boolean or recipient_agent_id is null)
order by id ${order} limit $3`;
/** `$4`: the reader, `$5`: unread ones only, `$6`: broadcasts only. */
export const MESSAGE_LIST = messageList('>', 'asc');
export const MESSAGE_LIST_NEWEST = messageList('<', 'desc');

export const ASSISTANCE_LIST = `
select id, agent_id, task_id, question, requires, offered_to, status, accepted_by, created_at
from act.assistance_requests where project_id = $1 and ($2::uuid is null or id > $2) order by id limit $3`;

const STATE_COLUMNS = 'key, value, version, agent_id, updated_at';
export const STATE_LIST = `
select ${STATE_COLUMNS} from act.live_state
where project_id = $1 and ($2::text is null or key collate "C" > $2) order by key collate "C" limit $3`;
export const STATE_GET = `select ${STATE_COLUMNS} from act.live_state where project_id = $1 and key = $2`;

export const FILE_LIST = `
select file_path, checksum, last_modified, last_change, agent_id, related_task_ids from act.file_watches
where project_id = $1 and ($2::text is null or file_path collate "C" > $2) order by file_path collate "C" limit $3`;

export const CONFLICT_COLUMNS = `id, conflict_type, involved_agents, task_ids, place, description, status, question, deadline,
  resolution, created_at, resolved_at`;
export const CONFLICT_LIST = `
select ${CONFLICT_COLUMNS} from act.conflicts where project_id = $1 and ($2::uuid is null or id > $2) order by id limit $3`;

export const RESERVATION_LIST = `
select id, agent_id, session_id, path, pattern, ranges, base_hash, mode, status, epoch, task_id, reason, since, renewed_at
from act.reservations
where project_id = $1 and ($2::uuid is null or id > $2) and ($4::text is null or path = $4)
  and ($5::text is null or agent_id = $5)
order by id limit $3`;

export const PREDICTION_LIST = `
select array[one, other] as worktrees, array[one_agent_id, other_agent_id] as agents, path, kind, seq, since
from act.predictions
where project_id = $1 and seq > $2 and ($4::text is null or $4 in (one_agent_id, other_agent_id))
order by seq limit $3`;

const ARTIFACT_COLUMNS = 'id, name, media_type, bytes, sha256, agent_id, task_id, created_at';
export const ARTIFACT_LIST = `
select ${ARTIFACT_COLUMNS} from act.artifacts
where project_id = $1 and status = 'stored' and ($2::uuid is null or id > $2) and ($4::uuid is null or task_id = $4)
order by id limit $3`;
export const ARTIFACT_GET = `
select ${ARTIFACT_COLUMNS} from act.artifacts where project_id = $1 and id = $2 and status = 'stored'`;

export const EVENT_LIST = `
select project_id || '/' || seq as id, seq, type, project_id, agent_id, timestamp, priority, data from act.events
where project_id = $1 and seq > $2 and ($4::uuid is null or task_id = $4) and ($5::text is null or agent_id = $5)
  and ($6::text is null or type = $6)
order by seq limit $3`;
