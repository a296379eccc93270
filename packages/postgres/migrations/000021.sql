-- How far each project's log was carried to the bus, and which hub is at it. Not a column of projects: commits wait
-- for that row.

create table act.relays (
  project_id uuid primary key references act.projects (id) on delete cascade,
  -- Everything up to here is on the bus.
  seq bigint not null,
  owner uuid,
  lease_until timestamptz not null
) with (fillfactor = 50);
alter table act.relays enable row level security;
alter table act.relays force row level security;
create policy project on act.relays using (project_id = (select act.project()))
  with check (project_id = (select act.project()));
-- One statement takes the projects that wait, whoever they belong to. A row of one project cannot become another's:
-- only what changes in a relay's life may be updated.
create policy hub_relays on act.relays using ((select act.is_hub())) with check ((select act.is_hub()));
grant select, insert, update (seq, owner, lease_until) on act.relays to act_app;
