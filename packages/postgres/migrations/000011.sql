-- Personal data can be erased: whose command a message was, when its content was erased, and what of it is still to be
-- wiped from the files.

alter table act.agent_communications add column sender_member_id uuid, add column erased_at timestamptz;
create index agent_communications_read on act.agent_communications (project_id, read_at)
  where read_at is not null and erased_at is null;
-- The planner's statistics hold samples of values, which an erasure would not reach.
alter table act.people alter column name set statistics 0;
alter table act.agent_communications alter column content set statistics 0;
alter table act.agents alter column name set statistics 0;

-- An erasure is complete when the old versions of its rows are gone from the files as well.
create table act.erasures (
  project_id uuid not null references act.projects (id) on delete cascade,
  member_id uuid not null,
  erased_at timestamptz not null,
  wiped_at timestamptz,
  primary key (project_id, member_id)
);
alter table act.erasures enable row level security;
alter table act.erasures force row level security;
create policy project on act.erasures using (project_id = (select act.project()))
  with check (project_id = (select act.project()));
grant select, insert, update (erased_at, wiped_at) on act.erasures to act_app;

-- The name of a member and the contents of messages that it, or its agent, sent or got. Its row stays: an id and a role.
create function act.erase_member(p_project uuid, p_member uuid, p_at timestamptz) returns void
language plpgsql as $$
begin
  delete from act.people where project_id = p_project and member_id = p_member;
  update act.agent_communications c set content = 'null', erased_at = p_at
    where c.project_id = p_project and c.erased_at is null
      and (c.sender_member_id = p_member or exists (
        select 1 from act.members m where m.project_id = p_project and m.id = p_member
          and m.agent_id in (c.sender_agent_id, c.recipient_agent_id)
          and c.timestamp <= coalesce(m.removed_at, p_at)));
  insert into act.erasures (project_id, member_id, erased_at) values (p_project, p_member, p_at)
    on conflict (project_id, member_id) do update set erased_at = excluded.erased_at, wiped_at = null;
end $$;

create or replace function act.write_side_rows(p_project uuid, p_at timestamptz, p_rows jsonb) returns void
language plpgsql as $$
begin
  if p_rows ? 'messages' then
    -- The JSON value null comes out of a recordset as no value.
    insert into act.agent_communications (project_id, id, sender_agent_id, sender_member_id, recipient_agent_id,
        message_type, urgency, thread_id, task_id, content, timestamp, read_at)
      select r.project_id, r.id, r.sender_agent_id, r.sender_member_id, r.recipient_agent_id, r.message_type, r.urgency,
        r.thread_id, r.task_id, coalesce(r.content, 'null'), r.timestamp, r.read_at
      from jsonb_populate_recordset(null::act.agent_communications, p_rows -> 'messages') r;
  end if;
  if p_rows ? 'messages_read' then
    update act.agent_communications m set read_at = p_at
      from jsonb_populate_recordset(null::act.agent_communications, p_rows -> 'messages_read') r
      where m.project_id = p_project and m.id = r.id and m.recipient_agent_id = r.recipient_agent_id
        and m.read_at is null;
  end if;
  if p_rows ? 'assistance' then
    insert into act.assistance_requests
      select (r).* from jsonb_populate_recordset(null::act.assistance_requests, p_rows -> 'assistance') r;
  end if;
  if p_rows ? 'assistance_changed' then
    update act.assistance_requests a set status = r.status, accepted_by = coalesce(r.accepted_by, a.accepted_by)
      from jsonb_populate_recordset(null::act.assistance_requests, p_rows -> 'assistance_changed') r
      where a.project_id = p_project and a.id = r.id;
  end if;
  if p_rows ? 'state' then
    insert into act.live_state
      select r.project_id, r.key, coalesce(r.value, 'null'), r.version, r.agent_id, r.updated_at
      from jsonb_populate_recordset(null::act.live_state, p_rows -> 'state') r
      on conflict (project_id, key) do update set
        value = excluded.value, version = excluded.version, agent_id = excluded.agent_id,
        updated_at = excluded.updated_at;
  end if;
  if p_rows ? 'state_deleted' then
    delete from act.live_state where project_id = p_project
      and key in (select jsonb_array_elements_text(p_rows -> 'state_deleted'));
  end if;
  if p_rows ? 'files' then
    insert into act.file_watches select (r).* from jsonb_populate_recordset(null::act.file_watches, p_rows -> 'files') r
      on conflict (project_id, file_path) do update set
        last_change = excluded.last_change, agent_id = excluded.agent_id, last_modified = excluded.last_modified,
        checksum = excluded.checksum,
        related_task_ids = array(select distinct unnest(file_watches.related_task_ids || excluded.related_task_ids)
          order by 1 limit 64);
  end if;
  if p_rows ? 'conflicts' then
    insert into act.conflicts select (r).* from jsonb_populate_recordset(null::act.conflicts, p_rows -> 'conflicts') r;
  end if;
  if p_rows ? 'conflicts_resolved' then
    update act.conflicts c set status = 'resolved', resolution = coalesce(r.resolution, 'null'), resolved_at = p_at
      from jsonb_populate_recordset(null::act.conflicts, p_rows -> 'conflicts_resolved') r
      where c.project_id = p_project and c.id = r.id;
  end if;
end $$;

create function act.write_access_rows(p_project uuid, p_at timestamptz, p_rows jsonb) returns void
language plpgsql as $$
begin
  insert into act.members (project_id, id, kind, role, agent_id, write_paths, brought_by, created_at, changed_at)
    select p_project, r.id, r.kind, r.role, r.agent_id, r.write_paths, r.brought_by, r.created_at, clock_timestamp()
    from jsonb_populate_recordset(null::act.members, coalesce(p_rows -> 'members', '[]')) r
    on conflict (project_id, id) do update set
      kind = excluded.kind, role = excluded.role, agent_id = excluded.agent_id, write_paths = excluded.write_paths,
      brought_by = excluded.brought_by, created_at = excluded.created_at, removed_at = null,
      changed_at = excluded.changed_at;
  update act.members set removed_at = p_at, changed_at = clock_timestamp()
    where project_id = p_project and removed_at is null
      and id in (select e::uuid from jsonb_array_elements_text(coalesce(p_rows -> 'members_removed', '[]')) e);
  insert into act.people (project_id, member_id, name)
    select p_project, r.member_id, r.name
    from jsonb_populate_recordset(null::act.people, coalesce(p_rows -> 'people', '[]')) r
    on conflict (project_id, member_id) do update set name = excluded.name;
  insert into act.api_keys (project_id, id, member_id, label, role, secret_hash, created_at, expires_at, changed_at)
    select p_project, r.id, r.member_id, r.label, r.role, r.secret_hash, r.created_at, r.expires_at, clock_timestamp()
    from jsonb_populate_recordset(null::act.api_keys, coalesce(p_rows -> 'keys_created', '[]')) r;
  update act.api_keys k set expires_at = r.expires_at, revoked_at = r.revoked_at, changed_at = clock_timestamp()
    from jsonb_populate_recordset(null::act.api_keys, coalesce(p_rows -> 'keys_changed', '[]')) r
    where k.project_id = p_project and k.id = r.id;
  perform act.erase_member(p_project, e::uuid, p_at)
    from jsonb_array_elements_text(coalesce(p_rows -> 'members_erased', '[]')) e;
end $$;

revoke all on function act.erase_member, act.write_access_rows from public;
grant execute on function act.erase_member, act.write_access_rows to act_app;
