import type { Task } from '@agentmix/act-client';
import { Uuid } from '@agentmix/act-contract';
import { Failure } from '../../cli/failure.ts';
import type { ProjectConnection } from '../../connection/find-project.ts';

/** The task of a key or an id. */
export const findTask = async ({ query, project }: ProjectConnection, wanted: string): Promise<Task> => {
  if (Uuid.safeParse(wanted).success)
    return query(`task ${wanted}`, 'task.get', project.id, { taskId: wanted.toLowerCase() });
  const { items } = await query('the tasks', 'task.list', project.id, { key: wanted, limit: 1 });
  const [task] = items;
  if (task) return task;
  throw new Failure(`there is no task ${wanted}`, { code: 'task_not_found', hint: 'see: act task list' });
};

/** The phase of a key or an id. */
export const findPhaseId = async ({ query, project }: ProjectConnection, wanted: string): Promise<string> => {
  if (Uuid.safeParse(wanted).success) return wanted.toLowerCase();
  const { phases } = await query('the phases', 'project.snapshot', project.id, {});
  const phase = phases.find(({ key }) => key === wanted) ?? phases.find(({ name }) => name === wanted);
  if (phase) return phase.id;
  throw new Failure(`there is no phase ${wanted}`, { code: 'phase_not_found', hint: 'see: act plan show' });
};
