import { refusal } from '@agentmix/act-contract';
import type { ToolInput } from '@agentmix/act-contract';
import { defined } from '@agentmix/act-core';
import type { Result, Speaker } from '../speaker.ts';
import { told } from './told.ts';
import type { Handler } from './told.ts';

type Planned = ToolInput<'act_plan'>['tasks'][number];

/** The id of a task of the project by its key. */
const find = async ({ query }: Speaker, key: string): Promise<Result<string | undefined>> => {
  const page = await query('task.list', { key, limit: 1 });
  return page.ok ? { ok: true, value: page.value.items[0]?.id } : page;
};

const idsOf = async (
  speaker: Speaker,
  keys: readonly string[],
  known: ReadonlyMap<string, string>,
): Promise<Result<string[]>> => {
  const ids: string[] = [];
  for (const key of keys) {
    const found = known.has(key) ? { ok: true as const, value: known.get(key) } : await find(speaker, key);
    if (!found.ok) return found;
    if (found.value === undefined)
      return {
        ok: false,
        refusal: refusal(
          'invalid_input',
          'dependsOn: name tasks of the project, or earlier ones of the list',
        ),
      };
    ids.push(found.value);
  }
  return { ok: true, value: ids };
};

interface Added {
  readonly taskId: string;
  readonly isNew: boolean;
}

/** A key is unique in its project: whoever repeats the call finds the tasks of the first one. */
const add = async (
  speaker: Speaker,
  { dependsOn, ...task }: Planned,
  known: ReadonlyMap<string, string>,
): Promise<Result<Added>> => {
  const dependencies = await idsOf(speaker, dependsOn, known);
  if (!dependencies.ok) return dependencies;
  const created = await speaker.command('task.create', {
    ...defined(task),
    ...task,
    dependencies: dependencies.value,
  });
  if (created.ok) return { ok: true, value: { taskId: created.value.taskId, isNew: true } };
  const existing = created.refusal.code === 'duplicate_key' ? await find(speaker, task.key) : created;
  if (!existing.ok) return existing;
  return existing.value === undefined
    ? created
    : { ok: true, value: { taskId: existing.value, isNew: false } };
};

export const plan: Handler<'act_plan'> = async (speaker, { tasks }) => {
  const known = new Map<string, string>();
  let created = 0;
  for (const task of tasks) {
    const added = await add(speaker, task, known);
    if (!added.ok) return added;
    known.set(task.key, added.value.taskId);
    if (added.value.isNew) created++;
  }
  return told(
    created === tasks.length ? 'Added. Next: act_next.' : 'Added what was not there yet. Next: act_next.',
    { created, taskIds: [...known.values()] },
  );
};
