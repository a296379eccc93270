import type { Colleague, Message, QueryOutput, Task } from '@agentmix/act-contract';
import type { Quote } from '../deliver.ts';
import { cut } from '../deliver.ts';
import { given } from './told.ts';

type Facts = Readonly<Record<string, unknown>>;
export type Briefing = QueryOutput<'agent.briefing'>;

const DESCRIPTION_TOKENS_MAX = 600;
const PATHS_SHOWN = 16;
const COLLEAGUES_SHOWN = 12;

const textOf = (content: unknown): string =>
  typeof content === 'string' ? content : JSON.stringify(content);

export const taskFacts = (task: Task): Facts =>
  given({
    taskId: task.id,
    status: task.status,
    type: /^[a-z][a-z_-]{0,30}$/.test(task.type) ? task.type : undefined,
    priority: task.priority,
    percent: task.percent,
    attempts: task.attempts,
    holder: task.assignedAgentId,
  });

/** The part of a description from a character on, and where the next part begins. */
export const partOf = (
  description: string,
  from: number,
): { readonly text: string; readonly next?: number } => {
  const rest = description.slice(from);
  const text = cut(rest, DESCRIPTION_TOKENS_MAX);
  return text === rest ? { text } : { text, next: from + text.length - 1 };
};

/** What a task says, the description last: what the others leave of the room is its. */
export const taskQuotes = (task: Task, description: string | undefined): Quote[] => {
  const { checkpoint, note, blockedReason, filePaths, key } = task;
  const quote = (about: string, text: string | undefined): Quote[] =>
    text === undefined || text === '' ? [] : [{ about, text }];
  return [
    ...quote('title', task.title),
    ...quote('key', key),
    ...quote('paths', filePaths.slice(0, PATHS_SHOWN).join('\n')),
    ...quote('last note', note),
    ...quote('blocked because', blockedReason),
    ...quote('checkpoint', checkpoint && JSON.stringify(checkpoint)),
    ...quote('description', description),
  ];
};

export const messageFacts = (message: Message): Facts =>
  given({
    messageId: message.id,
    from: message.senderAgentId,
    to: message.recipientAgentId === undefined ? 'all' : undefined,
    messageType: message.messageType,
    urgency: message.urgency,
    threadId: message.threadId,
    taskId: message.taskId,
    at: message.timestamp,
  });

export const messageQuotes = (messages: readonly Message[]): Quote[] =>
  messages.map(({ id, senderAgentId, content }) => ({
    from: senderAgentId,
    about: `message ${id}`,
    text: textOf(content),
  }));

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
      return given({
        agentId,
        taskIds: tasks.length > 0 ? tasks.slice(0, 2).map(({ id }) => id) : undefined,
        near: near || undefined,
      });
    })
    .toSorted((a, b) => Number(b.near ?? false) - Number(a.near ?? false))
    .slice(0, COLLEAGUES_SHOWN);

export const colleagueQuotes = (agents: readonly Colleague[]): Quote[] =>
  agents.slice(0, COLLEAGUES_SHOWN).flatMap(({ agentId, tasks }) =>
    tasks.slice(0, 1).map(({ title, filePaths }) => ({
      from: agentId,
      about: 'works on',
      text: [title, ...filePaths.slice(0, 3)].join(' | '),
    })),
  );
