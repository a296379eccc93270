-- A refresh token that nobody uses ends before its family does.

alter table act.refresh_families add column idle_until timestamptz not null
  default clock_timestamp() + interval '1 hour';
alter table act.refresh_families alter column idle_until drop default;
create index refresh_families_idle on act.refresh_families (idle_until);
