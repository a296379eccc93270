import type { ActEvent, Task } from '@agentmix/act-client';
import type { Connection } from '../connection/connect.ts';
import { printable } from '../terminal/printable.ts';
import { fit } from '../terminal/width.ts';

const TITLE_COLUMNS = 48;
/** A reader that stays for weeks must not keep every task it ever heard of. */
const NAMES_MAX = 50_000;

type Named = Pick<Task, 'id' | 'key' | 'title'>;

/** What tasks are called, learnt from events and, for tasks older than those, asked for once. */
export interface TaskNames {
  learn(event: ActEvent): void;
  /** Key and title of the task, printable; its id when nobody knows it. */
  of(taskId: string): Promise<string>;
}

const textOf = ({ key, title }: Named): string => {
  const name = fit(printable(title), TITLE_COLUMNS);
  return key === undefined ? `“${name}”` : `${printable(key)} “${name}”`;
};

export const makeTaskNames = (connection: Pick<Connection, 'hub'>, projectId: string): TaskNames => {
  const names = new Map<string, string>();
  const learn = (task: Named): string => {
    if (names.size >= NAMES_MAX) names.clear();
    const text = textOf(task);
    names.set(task.id, text);
    return text;
  };
  return {
    learn(event) {
      if (event.type === 'task.created') learn({ ...event.data, id: event.data.taskId });
      // The key of a renamed task is not in the event: it is asked for when it is needed.
      if (event.type === 'task.updated' && event.data.title !== undefined) names.delete(event.data.taskId);
    },
    async of(taskId) {
      const known = names.get(taskId);
      if (known !== undefined) return known;
      const result = await connection.hub.query('task.get', projectId, { taskId });
      return result.ok ? learn(result.value) : taskId;
    },
  };
};
