-- Isolation: a statement sees the rows of the project it names with set_config('act.project_id', …, true), and
-- nothing else. The owner is bound too (force); act_app owns nothing and cannot bypass.

do $$
declare name text;
begin
  foreach name in array array['log', 'agents', 'sessions', 'phases', 'tasks', 'agent_communications',
    'assistance_requests', 'live_state', 'file_watches', 'conflicts', 'events', 'history'] loop
    execute format('alter table act.%I enable row level security', name);
    execute format('alter table act.%I force row level security', name);
    execute format('create policy project on act.%I using (project_id = (select act.project())) '
      'with check (project_id = (select act.project()))', name);
  end loop;
end $$;

alter table act.projects enable row level security;
alter table act.projects force row level security;
create policy project on act.projects using (id = (select act.project())) with check (id = (select act.project()));
-- The hub's own work across projects: listing them, and leases.
create policy hub_reads on act.projects for select using ((select act.is_hub()));
create policy hub_reads on act.history for select using ((select act.is_hub()));
create policy hub_reads on act.sessions for select using ((select act.is_hub()));
create policy hub_renews on act.sessions for update using ((select act.is_hub())) with check ((select act.is_hub()));

alter table act.hub_beat enable row level security;
alter table act.hub_beat force row level security;
create policy hub on act.hub_beat using ((select act.is_hub())) with check ((select act.is_hub()));

grant usage on schema act to act_app;
grant select, insert, update, delete on all tables in schema act to act_app;
revoke delete on act.projects, act.tasks, act.phases, act.agents, act.hub_beat from act_app;
revoke insert on act.hub_beat from act_app;
revoke all on act.migrations from act_app;
