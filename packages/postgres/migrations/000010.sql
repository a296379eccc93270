-- Members, their keys and names; who gave each command.

create table act.members (
  project_id uuid not null references act.projects (id) on delete cascade,
  id uuid not null,
  kind varchar(50) not null check (kind in ('human', 'agent', 'service')),
  role varchar(50) not null check (role in ('viewer', 'agent', 'coordinator', 'admin', 'owner')),
  agent_id varchar(100),
  write_paths text[],
  brought_by uuid,
  created_at timestamptz not null,
  removed_at timestamptz,
  -- When the row was written: hubs ask what changed since they last heard.
  changed_at timestamptz not null,
  primary key (project_id, id),
  check ((role = 'owner') = (project_id = '00000000-0000-7000-8000-000000000000'))
);
create index members_changed on act.members (changed_at);

-- What is personal of a member; the log never quotes it, so that it can be erased.
create table act.people (
  project_id uuid not null,
  member_id uuid not null,
  name varchar(255) not null,
  primary key (project_id, member_id),
  foreign key (project_id, member_id) references act.members (project_id, id) on delete cascade
);

create table act.api_keys (
  project_id uuid not null references act.projects (id) on delete cascade,
  id uuid not null,
  member_id uuid not null,
  label varchar(100),
  role varchar(50) check (role in ('viewer', 'agent', 'coordinator', 'admin', 'owner')),
  -- SHA-256 of the secret, hexadecimal. The secret has 178 bits: a slow hash would add nothing.
  secret_hash varchar(64) not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  changed_at timestamptz not null,
  primary key (project_id, id),
  foreign key (project_id, member_id) references act.members (project_id, id)
);
-- A key tells its id, not its project. Ids are made by hubs, so two projects never have the same.
create index api_keys_by_id on act.api_keys (id);
create index api_keys_changed on act.api_keys (changed_at);
create index api_keys_of_member on act.api_keys (member_id, project_id);

-- Apart, because the hub notes uses across projects, and may change nothing else there.
create table act.key_uses (
  project_id uuid not null,
  key_id uuid not null,
  last_used_at timestamptz not null,
  primary key (project_id, key_id),
  foreign key (project_id, key_id) references act.api_keys (project_id, id) on delete cascade
) with (fillfactor = 50);

do $$
declare name text;
begin
  foreach name in array array['members', 'people', 'api_keys', 'key_uses'] loop
    execute format('alter table act.%I enable row level security', name);
    execute format('alter table act.%I force row level security', name);
    execute format('create policy project on act.%I using (project_id = (select act.project())) '
      'with check (project_id = (select act.project()))', name);
  end loop;
end $$;
create policy hub_reads on act.members for select using ((select act.is_hub()));
create policy hub_reads on act.api_keys for select using ((select act.is_hub()));
create policy hub_notes on act.key_uses using ((select act.is_hub())) with check ((select act.is_hub()));
grant select, insert on act.members, act.api_keys to act_app;
-- What changes in their lives, and nothing that would give one to another project or member.
grant update (kind, role, agent_id, write_paths, brought_by, created_at, removed_at, changed_at) on act.members to act_app;
grant update (expires_at, revoked_at, changed_at) on act.api_keys to act_app;
grant select, insert, update (last_used_at) on act.key_uses to act_app;
grant select, insert, update, delete on act.people to act_app;

-- The member that gave each command, in the order of command_ids.
alter table act.log add column actors uuid[] not null default '{}';

drop function act.commit_batch;
-- One batch, one call, one round trip: compare-and-set on the project's last sequence number, the record, the rows.
-- Sessions are locked before the project row, always in this order, so that two writers cannot deadlock.
create function act.commit_batch(
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
    insert into act.projects (id, name, description, status, settings, last_seq, last_hash, written_seq, id_high, created_at, updated_at)
      select p_project, r.name, r.description, r.status, r.settings, p_last, p_hash, p_last, p_id_high, r.created_at, r.updated_at
      from jsonb_populate_record(null::act.projects, p_rows -> 'project') r
      on conflict do nothing;
  else
    update act.projects set last_seq = p_last, last_hash = p_hash, id_high = p_id_high,
        written_seq = case when p_is_record_only then written_seq else p_last end
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

revoke all on function act.commit_batch from public;
grant execute on function act.commit_batch to act_app;
