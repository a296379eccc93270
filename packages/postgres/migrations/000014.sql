-- What people are asked where no rule resolves a conflict, and until when.

alter table act.conflicts add column question jsonb, add column deadline timestamptz;

create function act.write_conflicts(p_project uuid, p_rows jsonb) returns void
language plpgsql as $$
begin
  if p_rows ? 'conflicts_escalated' then
    update act.conflicts c set question = r.question, deadline = r.deadline
      from jsonb_populate_recordset(null::act.conflicts, p_rows -> 'conflicts_escalated') r
      where c.project_id = p_project and c.id = r.id;
  end if;
end $$;

create or replace function act.write_rows(p_project uuid, p_at timestamptz, p_rows jsonb) returns void
language plpgsql as $$
begin
  perform act.write_other_rows(p_project, p_at, p_rows);
  perform act.write_artifacts(p_project, p_at, p_rows);
  perform act.write_reservations(p_project, p_rows);
  perform act.write_conflicts(p_project, p_rows);
end $$;

revoke all on function act.write_conflicts from public;
grant execute on function act.write_conflicts to act_app;
