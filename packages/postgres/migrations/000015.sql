-- Which commit of the main branch had perhaps done a task already, as {commit, by}; and the commits that were counted,
-- so that each counts once however many workspaces report it.

alter table act.tasks add column settled jsonb;

create table act.main_commits (
  project_id uuid not null references act.projects (id) on delete cascade,
  commit varchar(64) not null,
  -- Place in the log: their order.
  seq bigint not null,
  primary key (project_id, commit)
);
alter table act.main_commits enable row level security;
alter table act.main_commits force row level security;
create policy project on act.main_commits using (project_id = (select act.project()))
  with check (project_id = (select act.project()));
grant select, insert, update, delete on act.main_commits to act_app;

create function act.write_main_commits(p_project uuid, p_rows jsonb) returns void
language plpgsql as $$
begin
  if p_rows ? 'main_commits' then
    insert into act.main_commits
      select (r).* from jsonb_populate_recordset(null::act.main_commits, p_rows -> 'main_commits') r
      on conflict (project_id, commit) do update set seq = excluded.seq;
  end if;
  if p_rows ? 'main_commits_forgotten' then
    delete from act.main_commits where project_id = p_project
      and commit in (select jsonb_array_elements_text(p_rows -> 'main_commits_forgotten'));
  end if;
end $$;

-- As it was, with the tasks’ new column and the table above.
create or replace function act.write_other_rows(p_project uuid, p_at timestamptz, p_rows jsonb) returns void
language plpgsql as $$
begin
  if p_rows ? 'project_changed' then
    update act.projects p set name = r.name, description = r.description, status = r.status, settings = r.settings,
        updated_at = r.updated_at
      from jsonb_populate_record(null::act.projects, p_rows -> 'project_changed') r where p.id = p_project;
  end if;
  if p_rows ? 'phases' then
    insert into act.phases select (r).* from jsonb_populate_recordset(null::act.phases, p_rows -> 'phases') r
      on conflict (project_id, id) do update set
        name = excluded.name, description = excluded.description, status = excluded.status,
        owner_agent_id = excluded.owner_agent_id, estimated_effort = excluded.estimated_effort,
        actual_effort = excluded.actual_effort, started_at = excluded.started_at, completed_at = excluded.completed_at;
  end if;
  if p_rows ? 'tasks_created' then
    insert into act.tasks select (r).* from jsonb_populate_recordset(null::act.tasks, p_rows -> 'tasks_created') r;
  end if;
  if p_rows ? 'tasks_changed' then
    update act.tasks t set
        title = r.title, description_hash = r.description_hash, type = r.type, assigned_agent_id = r.assigned_agent_id,
        session_id = r.session_id, status = r.status, priority = r.priority, complexity_score = r.complexity_score,
        requires = r.requires, file_paths = r.file_paths, dependencies = r.dependencies,
        estimated_time = r.estimated_time, actual_time = r.actual_time, epoch = r.epoch, attempts = r.attempts,
        percent = r.percent, note = r.note, checkpoint = r.checkpoint, blocked_reason = r.blocked_reason,
        settled = r.settled, result = r.result, started_at = r.started_at, claimed_at = r.claimed_at, progressed_at = r.progressed_at,
        asked_at = r.asked_at, completed_at = r.completed_at
      from jsonb_populate_recordset(null::act.tasks, p_rows -> 'tasks_changed') r
      where t.project_id = p_project and t.id = r.id;
  end if;
  if p_rows ? 'descriptions' then
    update act.tasks t set description = r.description
      from jsonb_populate_recordset(null::act.tasks, p_rows -> 'descriptions') r
      where t.project_id = p_project and t.id = r.id;
  end if;
  if p_rows ? 'agents' then
    insert into act.agents select (r).* from jsonb_populate_recordset(null::act.agents, p_rows -> 'agents') r
      on conflict (project_id, id) do update set
        name = excluded.name, kind = excluded.kind, capabilities = excluded.capabilities, status = excluded.status,
        session_id = excluded.session_id, performance_metrics = excluded.performance_metrics, keys = excluded.keys;
  end if;
  if p_rows ? 'sessions_opened' then
    insert into act.sessions (project_id, id, agent_id, lease_ms, lease_until, patterns, started_at, ended_at)
      select p_project, r.id, r.agent_id, r.lease_ms, clock_timestamp() + r.lease_ms * interval '1 millisecond',
        r.patterns, r.started_at, r.ended_at
      from jsonb_populate_recordset(null::act.sessions, p_rows -> 'sessions_opened') r;
  end if;
  if p_rows ? 'sessions_changed' then
    update act.sessions s set patterns = r.patterns
      from jsonb_populate_recordset(null::act.sessions, p_rows -> 'sessions_changed') r
      where s.project_id = p_project and s.id = r.id;
  end if;
  if p_rows ? 'sessions_ended' then
    update act.sessions set ended_at = p_at
      where project_id = p_project and ended_at is null
        and id in (select e::uuid from jsonb_array_elements_text(p_rows -> 'sessions_ended') e);
  end if;
  perform act.write_main_commits(p_project, p_rows);
  perform act.write_side_rows(p_project, p_at, p_rows);
end $$;

revoke all on function act.write_main_commits from public;
grant execute on function act.write_main_commits to act_app;
