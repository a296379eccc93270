-- What attacks on the isolation of projects found (torture row T27).

-- The bodies are parsed now, not at each call: no search_path and no temporary type can give their words another
-- meaning. A transaction bound to a project never has the hub's view, whatever a connection was left with.
create or replace function act.project() returns uuid
  language sql stable
  return nullif(current_setting('act.project_id', true), '')::uuid;

create or replace function act.is_hub() returns boolean
  language sql stable
  return coalesce(current_setting('act.scope', true), '') = 'hub'
    and coalesce(current_setting('act.project_id', true), '') = '';

-- The hub's view may renew leases of every project. It could also move a session to another project, or give it to
-- another agent: only what changes in a session's life may be updated.
revoke update on act.sessions from act_app;
grant update (lease_until, patterns, ended_at) on act.sessions to act_app;

-- No table without forced row-level security, this one included. The hub's log-in reads it to know its schema.
alter table act.migrations enable row level security;
alter table act.migrations force row level security;
create policy is_read_by_all on act.migrations for select using (true);
create policy owner_writes on act.migrations to act_owner using (true) with check (true);
grant select on act.migrations to act_app;
