-- Access tokens: the keys that sign them and the refresh tokens that renew them. Both belong to the hub as a whole.

create table act.signing_keys (
  -- 1, 2, 3 … in the order of rotation: of two hubs that rotate at once, one inserts the next number.
  number bigint primary key,
  kid varchar(100) not null unique,
  -- The private half, wrapped by the master key of this id; destroyed when the key is retired.
  master_key_id varchar(100) not null,
  private_key bytea,
  created_at timestamptz not null default clock_timestamp(),
  retired_at timestamptz,
  check ((private_key is null) = (retired_at is not null))
);

-- A row is a family: a refresh token and all that follow from it. Only the hash of the one that is valid is kept.
create table act.refresh_families (
  id uuid not null,
  secret_hash varchar(64) not null,
  member_id uuid not null,
  project_id uuid not null,
  key_id uuid not null,
  opened_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  primary key (project_id, id)
) with (fillfactor = 70);
-- A token tells its family, not its project. Ids are drawn by hubs, so two projects never have the same.
create index refresh_families_by_id on act.refresh_families (id);
create index refresh_families_of_key on act.refresh_families (key_id, opened_at);
create index refresh_families_expiry on act.refresh_families (expires_at);

do $$
declare name text;
begin
  foreach name in array array['signing_keys', 'refresh_families'] loop
    execute format('alter table act.%I enable row level security', name);
    execute format('alter table act.%I force row level security', name);
    execute format('create policy hub on act.%I using ((select act.is_hub())) with check ((select act.is_hub()))', name);
  end loop;
end $$;

grant select, insert, update on act.signing_keys to act_app;
grant select, insert, update, delete on act.refresh_families to act_app;
