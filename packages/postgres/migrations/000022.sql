-- expand
-- Lists of what is not done yet do not go through all that a project ever did. Closing a task is the only change that
-- the index sees.

create index tasks_open on act.tasks (project_id, id) where completed_at is null;
