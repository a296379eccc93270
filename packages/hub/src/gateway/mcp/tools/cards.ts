import { fit, recordPart, taskPart } from '@agentmix/act-contract';
import type { Colleague, Part, QueryOutput, Task } from '@agentmix/act-contract';
import { defined } from '@agentmix/act-core';
import { QUOTES_TOKENS_MAX } from '../quotes-tokens.ts';

type Facts = Readonly<Record<string, unknown>>;
export type Briefing = QueryOutput<'agent.briefing'>;

const PATHS_SHOWN = 16;
const COLLEAGUES_SHOWN = 9;
const TITLES_SHOWN = 6;

export const taskFacts = (task: Task): Facts =>
  defined({
    taskId: task.id,
    status: task.status,
    priority: task.priority,
    percent: task.percent,
    attempts: task.attempts,
    holder: task.assignedAgentId,
  });

/** What a task says but for its description, which is as long as several answers. */
export const taskFields = ({ description: _long, ...task }: Task): Part =>
  taskPart({ ...task, filePaths: task.filePaths.slice(0, PATHS_SHOWN) });

export const titlePart = ({ id, status, createdAt, title }: Task): Part => ({
  kind: 'task',
  provenance: { id, status, at: createdAt },
  text: `title: ${title}`,
});

/** The parts, and of a task’s description from a character on as much as they leave room for; `next`: where to go on. */
export const describe = (
  { id, description = '' }: Task,
  from: number,
  before: readonly Part[],
): { readonly parts: readonly Part[]; readonly next?: number } => {
  const rest = description.slice(from);
  if (rest === '') return { parts: before };
  const provenance = { id, type: 'description' };
  const parts = fit([...before, { kind: 'task', provenance, text: rest }], QUOTES_TOKENS_MAX);
  const next = from + (parts.at(-1)?.text.length ?? 0);
  return next < description.length ? { parts, next } : { parts };
};

const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/') + 1);

/** Whether two sets of paths meet in a file or in a folder below the root. */
const isNear = (mine: readonly string[], theirs: readonly string[]): boolean =>
  theirs.some((path) =>
    mine.some((own) => own === path || (folderOf(own) !== '' && folderOf(own) === folderOf(path))),
  );

/** Who else works, those near some paths first. */
export const colleagueFacts = (agents: readonly Colleague[], paths: readonly string[]): Facts[] =>
  agents
    .map(({ agentId, tasks }) => {
      const near = tasks.some(({ filePaths }) => isNear(paths, filePaths));
      return defined({
        agentId,
        taskIds: tasks.length > 0 ? tasks.slice(0, 2).map(({ id }) => id) : undefined,
        near: near || undefined,
      });
    })
    .toSorted((a, b) => Number(b.near ?? false) - Number(a.near ?? false))
    .slice(0, COLLEAGUES_SHOWN);

/** What others work on, a line for each of the first few; none where nobody does. */
export const colleaguesPart = (agents: readonly Colleague[]): Part[] => {
  const works = agents
    .slice(0, TITLES_SHOWN)
    .flatMap(({ agentId, tasks }) =>
      tasks
        .slice(0, 1)
        .map(({ title, filePaths }) => [agentId, [title, ...filePaths.slice(0, 3)].join(' | ')]),
    );
  return works.length > 0 ? [recordPart('agent', {}, Object.fromEntries(works))] : [];
};
