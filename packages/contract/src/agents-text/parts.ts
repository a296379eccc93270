import type { Message, Task } from '../entities.ts';
import type { Settled } from '../evidence.ts';
import type { COLLISION_KINDS, Prediction } from '../worktree-entities.ts';
import type { Part, PartKind, Provenance } from './envelope.ts';

const COMMIT_CHARS_SHOWN = 12;

/** A text as it is, anything else as JSON. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/**
 * Fields below one another. A value of several lines is set in, so that no line at the margin is a field which the value
 * only says it is.
 */
const fieldsText = (fields: readonly (readonly [name: string, value: unknown])[]): string =>
  fields
    .filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => {
      const text = textOf(value);
      return text.includes('\n') ? `${name}:\n  ${text.replaceAll('\n', '\n  ')}` : `${name}: ${text}`;
    })
    .join('\n');

/** A message as its recipient’s model may read it. Of a sealed one the caller gives the content that it has opened. */
export const messagePart = (message: Message): Part => ({
  kind: 'message',
  provenance: {
    id: message.id,
    from: message.senderAgentId,
    to: message.recipientAgentId,
    at: message.timestamp,
    type: message.messageType,
    urgency: message.urgency,
    thread: message.threadId,
    task: message.taskId,
    erased: message.erasedAt,
  },
  text: textOf(message.content),
});

/** Why a task is perhaps done, in words that are all the hub’s own. */
export const settledText = ({ commit, by }: Settled): string =>
  by === 'mention'
    ? `commit ${commit.slice(0, COMMIT_CHARS_SHOWN)} of the main branch names it`
    : `commit ${commit.slice(0, COMMIT_CHARS_SHOWN)} of the main branch changed every path that it names`;

/** A task as whoever does it may read it: what is asked for, and what those before have left. */
export const taskPart = (task: Task): Part => ({
  kind: 'task',
  provenance: { id: task.id, status: task.status, at: task.createdAt },
  text: fieldsText([
    ['key', task.key],
    ['title', task.title],
    ['type', task.type],
    ['requires', task.requires],
    ['filePaths', task.filePaths],
    ['description', task.description],
    ['note', task.note],
    ['checkpoint note', task.checkpoint?.note],
    ['checkpoint paths', task.checkpoint?.paths],
    ['checkpoint branch', task.checkpoint?.branch],
    ['checkpoint commit', task.checkpoint?.commit],
    ['blockedReason', task.blockedReason],
    ['perhaps done already', task.settled && settledText(task.settled)],
    ['result', task.result],
  ]),
});

/** Anything else that the hub tells, with the fields in which others wrote. */
export const recordPart = (
  kind: Exclude<PartKind, 'message' | 'task'>,
  provenance: Provenance,
  fields: Readonly<Record<string, unknown>>,
): Part => ({ kind, provenance, text: fieldsText(Object.entries(fields)) });

const COLLISIONS: { readonly [K in (typeof COLLISION_KINDS)[number]]: string } = {
  content: 'both changed the same lines, or lines next to each other',
  both_created: 'both made a file there',
  deleted_and_changed: 'one deleted what the other changed',
  moved_apart: 'both moved it, to different places',
  file_and_folder: 'one made a file where the other made a folder',
};

/** A conflict of a merge, predicted or gone, as one of its two agents may read it. Others may have named its file. */
export const predictionPart = (
  { agents, path, kind, since }: Prediction,
  reader: string,
  isGone = false,
): Part =>
  recordPart(
    'conflict',
    { from: agents.find((agent) => agent !== reader), at: since },
    { path, conflict: isGone ? 'gone' : kind ? COLLISIONS[kind] : 'git’s own merge stops there' },
  );
