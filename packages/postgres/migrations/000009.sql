-- Files that agents hand over. The plaintext is never here: chunks are sealed by the hub under a data key of their
-- own, and that key is here only wrapped by a master key, which is not in the database.

create table act.artifacts (
  project_id uuid not null references act.projects (id) on delete cascade,
  id uuid not null,
  -- uploading: chunks come in. uploaded: all are there. stored: visible. deleted: without key, until it is swept.
  status varchar(20) not null check (status in ('uploading', 'uploaded', 'stored', 'deleted')),
  -- Fence of the upload that the chunks are from.
  upload bigint not null,
  -- Of the plaintext: as announced, and from uploaded on as received.
  bytes bigint not null check (bytes >= 0),
  sha256 varchar(64),
  key_id varchar(255),
  wrapped_key bytea,
  name varchar(255),
  media_type varchar(127),
  agent_id varchar(100),
  task_id uuid,
  touched_at timestamptz not null,
  created_at timestamptz,
  primary key (project_id, id)
);
create index artifacts_unfinished on act.artifacts (project_id, id) where status <> 'stored';
create index artifacts_by_task on act.artifacts (project_id, task_id, id) where task_id is not null;

create table act.artifact_chunks (
  project_id uuid not null,
  artifact_id uuid not null,
  number integer not null check (number >= 0),
  ciphertext bytea not null,
  primary key (project_id, artifact_id, number),
  foreign key (project_id, artifact_id) references act.artifacts (project_id, id) on delete cascade
);
-- Ciphertext cannot be compressed: trying would cost CPU for nothing.
alter table act.artifact_chunks alter column ciphertext set storage external;

do $$
declare name text;
begin
  foreach name in array array['artifacts', 'artifact_chunks'] loop
    execute format('alter table act.%I enable row level security', name);
    execute format('alter table act.%I force row level security', name);
    execute format('create policy project on act.%I using (project_id = (select act.project())) '
      'with check (project_id = (select act.project()))', name);
  end loop;
end $$;

grant select, insert, update, delete on act.artifacts, act.artifact_chunks to act_app;

-- Projects made before have no quota in their settings. The owner is bound by row-level security too: it is lifted
-- for this one statement of this transaction.
alter table act.projects no force row level security;
update act.projects set settings = settings || '{"artifactBytesMax": 10737418240}' where not settings ? 'artifactBytesMax';
alter table act.projects force row level security;

-- Begins an upload or begins it anew. Uploads of one project begin one after another: each counts what the others take.
create function act.begin_upload(
  p_project uuid, p_id uuid, p_bytes bigint, p_bytes_max bigint, p_key_id text, p_wrapped bytea,
  out outcome text, out upload bigint, out taken bigint
) language plpgsql
as $$
begin
  perform set_config('act.project_id', p_project::text, true);
  perform pg_advisory_xact_lock(hashtextextended('act.artifacts ' || p_project::text, 0));
  perform 1 from act.artifacts a where a.project_id = p_project and a.id = p_id and a.status = 'stored';
  if found then
    outcome := 'stored';
    return;
  end if;
  select coalesce(sum(a.bytes), 0) into taken from act.artifacts a
    where a.project_id = p_project and a.id <> p_id and a.status <> 'deleted';
  if taken + p_bytes > p_bytes_max then
    outcome := 'full';
    return;
  end if;
  -- Higher than any before of this file, swept ones included; a sequence would tell each project how busy the others are.
  select greatest(max(a.upload) + 1, (extract(epoch from clock_timestamp()) * 1000000)::bigint) into upload
    from act.artifacts a where a.project_id = p_project and a.id = p_id;
  -- With the row go the chunks of an earlier upload.
  delete from act.artifacts a where a.project_id = p_project and a.id = p_id and a.status <> 'stored';
  insert into act.artifacts (project_id, id, status, upload, bytes, key_id, wrapped_key, touched_at)
    values (p_project, p_id, 'uploading', upload, p_bytes, p_key_id, p_wrapped, clock_timestamp());
  outcome := 'begun';
end $$;

-- Chunks p_first, p_first + 1, …, one after another in p_data, each p_step bytes long and the last one at most.
-- They need not be on disk before the next ones come: finish_upload flushes what was written before it as well.
create function act.append_chunks(
  p_project uuid, p_id uuid, p_upload bigint, p_first integer, p_step integer, p_data bytea, out is_open boolean
) language plpgsql
as $$
begin
  perform set_config('act.project_id', p_project::text, true), set_config('synchronous_commit', 'off', true);
  update act.artifacts a set touched_at = clock_timestamp()
    where a.project_id = p_project and a.id = p_id and a.upload = p_upload and a.status = 'uploading';
  is_open := found;
  if not is_open then
    return;
  end if;
  insert into act.artifact_chunks (project_id, artifact_id, number, ciphertext)
    select p_project, p_id, p_first + n, substring(p_data from n * p_step + 1 for p_step)
    from generate_series(0, (octet_length(p_data) - 1) / p_step) n;
end $$;

create function act.finish_upload(p_project uuid, p_id uuid, p_upload bigint, p_sha256 text, out is_open boolean)
language plpgsql as $$
begin
  perform set_config('act.project_id', p_project::text, true);
  update act.artifacts a set status = 'uploaded', sha256 = p_sha256, touched_at = clock_timestamp()
    where a.project_id = p_project and a.id = p_id and a.upload = p_upload and a.status = 'uploading';
  is_open := found;
end $$;

-- Rows of files among the rows of a batch. What is stored must have been uploaded: judged here, under the row's lock,
-- because a sweeper or another upload may have been faster than the commit. The commit is undone otherwise.
create function act.write_artifacts(p_project uuid, p_at timestamptz, p_rows jsonb) returns void
language plpgsql as $$
declare missing jsonb;
begin
  if p_rows ? 'artifacts_stored' then
    with stored as (
      update act.artifacts a set status = 'stored', name = r.name, media_type = r.media_type, agent_id = r.agent_id,
          task_id = r.task_id, touched_at = p_at, created_at = p_at
        from jsonb_populate_recordset(null::act.artifacts, p_rows -> 'artifacts_stored') r
        where a.project_id = p_project and a.id = r.id and a.status = 'uploaded' and a.bytes = r.bytes
          and a.sha256 = r.sha256
        returning a.id
    )
    select jsonb_agg(jsonb_build_object('artifactId', r.id, 'sha256', r.sha256)) into missing
      from jsonb_populate_recordset(null::act.artifacts, p_rows -> 'artifacts_stored') r
      where r.id not in (select id from stored);
    if missing is not null then
      raise exception 'not uploaded' using errcode = 'AC001', detail = missing::text;
    end if;
  end if;
  if p_rows ? 'artifacts_deleted' then
    update act.artifacts set status = 'deleted', key_id = null, wrapped_key = null, touched_at = p_at
      where project_id = p_project
        and id in (select e::uuid from jsonb_array_elements_text(p_rows -> 'artifacts_deleted') e);
  end if;
end $$;

-- Rows of files come after all others of the batch.
alter function act.write_rows(uuid, timestamptz, jsonb) rename to write_other_rows;
create function act.write_rows(p_project uuid, p_at timestamptz, p_rows jsonb) returns void
language plpgsql as $$
begin
  perform act.write_other_rows(p_project, p_at, p_rows);
  perform act.write_artifacts(p_project, p_at, p_rows);
end $$;

revoke all on all functions in schema act from public;
grant execute on all functions in schema act to act_app;
