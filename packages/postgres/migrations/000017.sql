-- What worktrees last reported, and the conflicts that follow from it. What is over is in the log, not here.

create table act.worktrees (
  project_id uuid not null references act.projects (id) on delete cascade,
  key varchar(64) not null,
  session_id uuid not null,
  agent_id varchar(100) not null,
  machine varchar(100),
  branch varchar(255),
  head varchar(64),
  base varchar(64),
  tree varchar(64) not null,
  -- Changed files with line numbers and hashes; no text of theirs.
  files jsonb not null,
  merges jsonb not null,
  omitted integer,
  reported_at timestamptz not null,
  primary key (project_id, key)
);
create table act.predictions (
  project_id uuid not null references act.projects (id) on delete cascade,
  -- Keys of the two worktrees, and whose they are.
  one varchar(64) not null,
  other varchar(64) not null,
  one_agent_id varchar(100) not null,
  other_agent_id varchar(100) not null,
  path varchar(500) not null,
  kind varchar(20),
  seq bigint not null,
  since timestamptz not null,
  primary key (project_id, one, other, path)
);
create index predictions_by_seq on act.predictions (project_id, seq);

alter table act.worktrees enable row level security;
alter table act.worktrees force row level security;
create policy project on act.worktrees using (project_id = (select act.project()))
  with check (project_id = (select act.project()));
grant select, insert, update, delete on act.worktrees to act_app;
alter table act.predictions enable row level security;
alter table act.predictions force row level security;
create policy project on act.predictions using (project_id = (select act.project()))
  with check (project_id = (select act.project()));
grant select, insert, update, delete on act.predictions to act_app;

create function act.write_worktrees(p_project uuid, p_rows jsonb) returns void
language plpgsql as $$
begin
  if p_rows ? 'worktrees_ended' then
    delete from act.worktrees where project_id = p_project
      and key in (select jsonb_array_elements_text(p_rows -> 'worktrees_ended'));
  end if;
  if p_rows ? 'worktrees' then
    insert into act.worktrees
      select (r).* from jsonb_populate_recordset(null::act.worktrees, p_rows -> 'worktrees') r
      on conflict (project_id, key) do update set
        session_id = excluded.session_id, agent_id = excluded.agent_id, machine = excluded.machine,
        branch = excluded.branch, head = excluded.head, base = excluded.base, tree = excluded.tree,
        files = excluded.files, merges = excluded.merges, omitted = excluded.omitted,
        reported_at = excluded.reported_at;
  end if;
  if p_rows ? 'predictions_withdrawn' then
    delete from act.predictions p
      using jsonb_populate_recordset(null::act.predictions, p_rows -> 'predictions_withdrawn') r
      where p.project_id = p_project and p.one = r.one and p.other = r.other and p.path = r.path;
  end if;
  if p_rows ? 'predictions' then
    insert into act.predictions
      select (r).* from jsonb_populate_recordset(null::act.predictions, p_rows -> 'predictions') r
      on conflict (project_id, one, other, path) do update set
        one_agent_id = excluded.one_agent_id, other_agent_id = excluded.other_agent_id, kind = excluded.kind,
        seq = excluded.seq, since = excluded.since;
  end if;
end $$;

create or replace function act.write_rows(p_project uuid, p_at timestamptz, p_rows jsonb) returns void
language plpgsql as $$
begin
  perform act.write_other_rows(p_project, p_at, p_rows);
  perform act.write_artifacts(p_project, p_at, p_rows);
  perform act.write_reservations(p_project, p_rows);
  perform act.write_conflicts(p_project, p_rows);
  perform act.write_worktrees(p_project, p_rows);
end $$;

revoke all on function act.write_worktrees from public;
grant execute on function act.write_worktrees to act_app;
