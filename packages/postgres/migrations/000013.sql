-- Regions of files that sessions reserved, or wait for. What is over is in the log, not here.

create table act.reservations (
  project_id uuid not null references act.projects (id) on delete cascade,
  id uuid not null,
  session_id uuid not null,
  agent_id varchar(100) not null,
  -- One of both.
  path varchar(500),
  pattern varchar(500),
  -- Lines as [{start, lines}]; absent: the whole file.
  ranges jsonb,
  base_hash varchar(64),
  mode varchar(20) not null check (mode in ('shared', 'exclusive')),
  task_id uuid,
  reason text,
  status varchar(20) not null check (status in ('granted', 'queued')),
  -- Sequence number of the grant, or of the queueing.
  epoch bigint not null,
  since timestamptz not null,
  renewed_at timestamptz not null,
  primary key (project_id, id)
);
alter table act.reservations enable row level security;
alter table act.reservations force row level security;
create policy project on act.reservations using (project_id = (select act.project()))
  with check (project_id = (select act.project()));
grant select, insert, update, delete on act.reservations to act_app;

-- Projects made before have the settings that came later at their defaults.
alter table act.projects no force row level security;
update act.projects set settings = '{"reservationIdleMs": 600000}' || settings;
alter table act.projects force row level security;

create function act.write_reservations(p_project uuid, p_rows jsonb) returns void
language plpgsql as $$
begin
  if p_rows ? 'reservations_ended' then
    delete from act.reservations where project_id = p_project
      and id in (select e::uuid from jsonb_array_elements_text(p_rows -> 'reservations_ended') e);
  end if;
  if p_rows ? 'reservations' then
    insert into act.reservations
      select (r).* from jsonb_populate_recordset(null::act.reservations, p_rows -> 'reservations') r
      on conflict (project_id, id) do update set
        ranges = excluded.ranges, base_hash = excluded.base_hash, mode = excluded.mode, task_id = excluded.task_id,
        reason = excluded.reason, status = excluded.status, epoch = excluded.epoch, since = excluded.since,
        renewed_at = excluded.renewed_at;
  end if;
end $$;

create or replace function act.write_rows(p_project uuid, p_at timestamptz, p_rows jsonb) returns void
language plpgsql as $$
begin
  perform act.write_other_rows(p_project, p_at, p_rows);
  perform act.write_artifacts(p_project, p_at, p_rows);
  perform act.write_reservations(p_project, p_rows);
end $$;

revoke all on function act.write_reservations from public;
grant execute on function act.write_reservations to act_app;
