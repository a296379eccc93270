/** Everything a project’s state is built from; run in one snapshot, with act.project_id set. */

export const PROJECT_SQL = `
select id, name, description, status, settings, last_seq, last_hash, written_seq, id_high, start_seq, created_at, updated_at
from act.projects where id = $1`;
export interface ProjectRow {
  id: string;
  name: string;
  description: string | null;
  status: 'active' | 'archived';
  settings: unknown;
  last_seq: number;
  last_hash: string;
  written_seq: number;
  id_high: number;
  start_seq: number;
  created_at: Date;
  updated_at: Date;
}

export const PHASES_SQL = `
select p.*, coalesce((select sum(t.actual_time) from act.tasks t
  where t.project_id = p.project_id and t.phase_id = p.id and t.status = 'completed'), 0)::int as spent
from act.phases p where p.project_id = $1`;

/** Open tasks, without their descriptions. */
export const OPEN_TASKS_SQL = `
select id, phase_id, key, title, description_hash, type, assigned_agent_id, session_id, status, priority,
  complexity_score, requires, file_paths, dependencies, estimated_time, actual_time, epoch, attempts, percent, note,
  checkpoint, blocked_reason, blocked_by, waiting_for, settled, result, created_seq, created_at, started_at,
  claimed_at, progressed_at, asked_at, completed_at
from act.tasks where project_id = $1 and status not in ('completed', 'cancelled')`;

export const CLOSED_TASKS_SQL = `
select id from act.tasks where project_id = $1 and status in ('completed', 'cancelled')`;
export const TASK_KEYS_SQL = `select key, id from act.tasks where project_id = $1 and key is not null`;

export const COMPLETED_SQL = `
select assigned_agent_id, type, count(*)::int as completed from act.tasks
where project_id = $1 and status = 'completed' and assigned_agent_id is not null group by 1, 2`;
export interface CompletedRow {
  assigned_agent_id: string;
  type: string;
  completed: number;
}

export const AGENTS_SQL = `select * from act.agents where project_id = $1`;
export const SESSIONS_SQL = `select * from act.sessions where project_id = $1 and ended_at is null`;
export const MEMBERS_SQL = `
select id, kind, role, agent_id, write_paths, brought_by, created_at from act.members
where project_id = $1 and removed_at is null`;
export const KEYS_SQL = `
select id, member_id, label, role, created_at, expires_at, revoked_at from act.api_keys where project_id = $1`;
export const ASSISTANCE_SQL = `
select id, agent_id, offered_to from act.assistance_requests where project_id = $1 and status = 'open'`;
export const CONFLICTS_SQL = `
select id, conflict_type, involved_agents, task_ids, place, question, deadline from act.conflicts
where project_id = $1 and status = 'open'`;
export const ARTIFACTS_SQL = `
select id, name, media_type, bytes, sha256, agent_id, task_id from act.artifacts
where project_id = $1 and status = 'stored'`;
export const RESERVATIONS_SQL = `select * from act.reservations where project_id = $1`;
export const MAIN_COMMITS_SQL = `select commit from act.main_commits where project_id = $1 order by seq`;
export const WORKTREES_SQL = `select * from act.worktrees where project_id = $1`;
export const PREDICTIONS_SQL = `
select array[one, other] as worktrees, array[one_agent_id, other_agent_id] as agents, path, kind from act.predictions
where project_id = $1`;
export const LIVE_STATE_SQL = `select key, version from act.live_state where project_id = $1`;

/** The newest records until so many commands, oldest first, and the idHigh of the record before them. */
export const TAIL_SQL = `
select * from (
  select l.*, sum(cardinality(command_ids)) over (order by last_seq desc) - cardinality(command_ids) as newer
  from (select * from act.log where project_id = $1 order by last_seq desc limit $2) l
) counted where newer < $2 order by last_seq`;
export const ID_HIGH_BEFORE_SQL = `
select id_high from act.log where project_id = $1 and last_seq < $2 order by last_seq desc limit 1`;
/** Records whose rows are not written yet. */
export const UNWRITTEN_SQL = `select * from act.log where project_id = $1 and last_seq > $2 order by last_seq`;
