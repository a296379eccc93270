-- Rows that are behind are flushed beside the commits, on a connection of their own, instead of between them.

-- Rows of tasks are as they were at this point of the log; what came after is plain steps of tasks. Not a column of
-- projects: flushing takes ten times as long as a commit, and commits wait for that row.
-- Whoever writes rows of tasks has it locked, so nobody moves them meanwhile.
create table act.written (
  project_id uuid primary key references act.projects (id) on delete cascade,
  seq bigint not null
) with (fillfactor = 50);
-- The owner is bound by row-level security too: it is lifted for this one statement of this transaction.
alter table act.projects no force row level security;
insert into act.written (project_id, seq) select id, written_seq from act.projects;
alter table act.projects force row level security;
alter table act.projects drop column written_seq;
alter table act.written enable row level security;
alter table act.written force row level security;
create policy project on act.written using (project_id = (select act.project()))
  with check (project_id = (select act.project()));
grant select, insert, update (seq) on act.written to act_app;

-- One batch, one call, one round trip: compare-and-set on the project's last sequence number, the record, the rows.
-- Locked are sessions, then the project, then how far it is written, always in this order: writers cannot deadlock.
create or replace function act.commit_batch(
  p_project uuid, p_expected bigint, p_first bigint, p_last bigint, p_at timestamptz,
  p_command_ids uuid[], p_actors uuid[], p_event_counts integer[], p_fingerprints bigint[], p_id_high bigint,
  p_events text, p_previous_hash text, p_hash text,
  p_expiring uuid[],
  t_id uuid[], t_status text[], t_agent text[], t_session uuid[], t_epoch integer[], t_attempts integer[],
  t_started float8[], t_claimed float8[], t_progressed float8[], t_completed float8[], t_actual integer[],
  p_rows jsonb, p_is_record_only boolean,
  out outcome text, out clock float8, out sessions uuid[]
) language plpgsql
as $$
begin
  perform set_config('act.project_id', p_project::text, true);
  if p_expiring is not null then
    perform 1 from act.sessions s where s.project_id = p_project and s.id = any (p_expiring) order by s.id for update;
    select array_agg(s.id) into sessions from act.sessions s
      where s.project_id = p_project and s.id = any (p_expiring)
        and s.ended_at is null and s.lease_until >= clock_timestamp();
    if sessions is not null then
      outcome := 'lease_live';
      return;
    end if;
  end if;

  if p_expected = 0 then
    insert into act.projects (id, name, description, status, settings, last_seq, last_hash, id_high, created_at, updated_at)
      select p_project, r.name, r.description, r.status, r.settings, p_last, p_hash, p_id_high, r.created_at, r.updated_at
      from jsonb_populate_record(null::act.projects, p_rows -> 'project') r
      on conflict do nothing;
  else
    update act.projects set last_seq = p_last, last_hash = p_hash, id_high = p_id_high
      where id = p_project and last_seq = p_expected;
  end if;
  if not found then
    outcome := 'stale';
    return;
  end if;

  insert into act.log (project_id, first_seq, last_seq, at, command_ids, actors, event_counts, fingerprints, id_high,
      events, previous_hash, hash)
    values (p_project, p_first, p_last, p_at, p_command_ids, p_actors, p_event_counts, p_fingerprints, p_id_high,
      p_events, p_previous_hash, p_hash);

  if p_expected = 0 then
    insert into act.written (project_id, seq) values (p_project, p_last);
  elsif not p_is_record_only then
    update act.written set seq = p_last where project_id = p_project;
  end if;

  if p_rows is not null then
    perform act.write_rows(p_project, p_at, p_rows);
    if p_rows ?| array['members', 'members_removed', 'people', 'keys_created', 'keys_changed'] then
      perform act.write_access_rows(p_project, p_at, p_rows);
    end if;
  end if;

  if t_id is not null then
    perform act.write_steps(p_project, t_id, t_status, t_agent, t_session, t_epoch, t_attempts, t_started, t_claimed,
      t_progressed, t_completed, t_actual);
  end if;

  outcome := 'committed';
  clock := extract(epoch from clock_timestamp()) * 1000;
end $$;

drop function act.flush_steps;
-- Rows of all tasks that changed since the rows were written last, as they are at p_seq, which is committed. Whoever wrote
-- them as they are later was told of these changes too: then there is nothing to do.
create function act.flush_steps(
  p_project uuid, p_seq bigint,
  t_id uuid[], t_status text[], t_agent text[], t_session uuid[], t_epoch integer[], t_attempts integer[],
  t_started float8[], t_claimed float8[], t_progressed float8[], t_completed float8[], t_actual integer[]
) returns void language plpgsql
as $$
begin
  perform set_config('act.project_id', p_project::text, true);
  update act.written set seq = p_seq where project_id = p_project and seq < p_seq;
  if found then
    perform act.write_steps(p_project, t_id, t_status, t_agent, t_session, t_epoch, t_attempts, t_started, t_claimed,
      t_progressed, t_completed, t_actual);
  end if;
end $$;

revoke all on function act.flush_steps from public;
grant execute on function act.flush_steps to act_app;
