-- Who blocked a task, and the agent that it waits for; and the file or pattern that a conflict is about. Of tasks that
-- are blocked already neither is known: they are part of no circle.

alter table act.tasks add column blocked_by varchar(100), add column waiting_for varchar(100);
alter table act.conflicts add column place varchar(500);

create or replace function act.write_conflicts(p_project uuid, p_rows jsonb) returns void
language plpgsql as $$
begin
  if p_rows ? 'tasks_blocked' then
    update act.tasks t set blocked_by = r.blocked_by, waiting_for = r.waiting_for
      from jsonb_populate_recordset(null::act.tasks, p_rows -> 'tasks_blocked') r
      where t.project_id = p_project and t.id = r.id;
  end if;
  if p_rows ? 'conflicts_escalated' then
    update act.conflicts c set question = r.question, deadline = r.deadline
      from jsonb_populate_recordset(null::act.conflicts, p_rows -> 'conflicts_escalated') r
      where c.project_id = p_project and c.id = r.id;
  end if;
end $$;
