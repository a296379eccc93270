import { epochMsOf } from '@agentmix/act-contract';
import type { FramedEvent } from '@agentmix/act-contract';
import type { Changes } from '@agentmix/act-core';
import { defined } from '@agentmix/act-core';
import { writeArtifactRows } from './artifacts.ts';
import type { FileRow, ProjectRows } from './rows.ts';

const RELATED_TASKS_MAX = 64;

type Of<T extends FramedEvent['type']> = Extract<FramedEvent, { type: T }>;

const readMessages = (rows: ProjectRows, { agentId, data }: Of<'message.read'>, at: number): void => {
  for (const id of data.messageIds) {
    const row = rows.messages.get(id);
    // Broadcasts are one row for all readers: nobody’s reading marks them.
    if (row && row.recipientAgentId === agentId) row.readAt ??= at;
  }
};

const requestAssistance = (rows: ProjectRows, event: Of<'assistance.requested'>, at: number): void => {
  const { requestId, taskId, question, requires, offeredTo } = event.data;
  rows.assistance.set(requestId, {
    id: requestId,
    agentId: event.agentId ?? '',
    ...defined({ taskId }),
    question,
    requires: requires.map(({ name, level }) => ({ name, level })),
    offeredTo: [...offeredTo],
    status: 'open',
    createdAt: at,
  });
};

const answerAssistance = (rows: ProjectRows, { agentId, data }: Of<'assistance.answered'>): void => {
  const row = rows.assistance.get(data.requestId);
  if (!row || !data.accepted) return;
  row.status = 'accepted';
  if (agentId !== undefined) row.acceptedBy = agentId;
};

const closeAssistance = (rows: ProjectRows, { data }: Of<'assistance.closed'>): void => {
  const row = rows.assistance.get(data.requestId);
  if (row) row.status = 'closed';
};

const updateState = (rows: ProjectRows, { agentId, data }: Of<'state.updated'>, at: number): void => {
  const { key, version, value, deleted } = data;
  if (deleted) rows.liveState.delete(key);
  else
    rows.liveState.set(key, {
      key,
      valueJson: JSON.stringify(value ?? null),
      version,
      ...defined({ agentId }),
      updatedAt: at,
    });
};

const changeFile = (
  rows: ProjectRows,
  lastChange: FileRow['lastChange'],
  event: Of<'file.created' | 'file.modified' | 'file.deleted'>,
  at: number,
): void => {
  const { path, checksum, taskId } = event.data;
  const related = new Set(rows.files.get(path)?.relatedTaskIds);
  if (taskId !== undefined) related.add(taskId);
  rows.files.set(path, {
    filePath: path,
    ...defined({ checksum, agentId: event.agentId }),
    lastModified: at,
    lastChange,
    relatedTaskIds: [...related].sort().slice(0, RELATED_TASKS_MAX),
  });
};

const detectConflict = (rows: ProjectRows, { data }: Of<'conflict.detected'>, at: number): void => {
  const { conflictId, conflictType, involvedAgents, taskIds, place, description } = data;
  rows.conflicts.set(conflictId, {
    id: conflictId,
    conflictType,
    involvedAgents: [...involvedAgents],
    taskIds: [...taskIds],
    ...defined({ place }),
    description,
    status: 'open',
    createdAt: at,
  });
};

const escalateConflict = (rows: ProjectRows, { data }: Of<'conflict.escalated'>): void => {
  const { conflictId, deadline, ...question } = data;
  const row = rows.conflicts.get(conflictId);
  if (row) Object.assign(row, { question: structuredClone(question), deadline: epochMsOf(deadline) });
};

const resolveConflict = (rows: ProjectRows, { data }: Of<'conflict.resolved'>, at: number): void => {
  const row = rows.conflicts.get(data.conflictId);
  if (!row) return;
  row.status = 'resolved';
  row.resolvedAt = at;
  row.resolutionJson = JSON.stringify(data.resolution);
};

const writeEvent = (rows: ProjectRows, event: FramedEvent, at: number): void => {
  if (event.type === 'message.read') readMessages(rows, event, at);
  else if (event.type === 'assistance.requested') requestAssistance(rows, event, at);
  else if (event.type === 'assistance.answered') answerAssistance(rows, event);
  else if (event.type === 'assistance.closed') closeAssistance(rows, event);
  else if (event.type === 'state.updated') updateState(rows, event, at);
  else if (event.type === 'file.created') changeFile(rows, 'created', event, at);
  else if (event.type === 'file.modified') changeFile(rows, 'modified', event, at);
  else if (event.type === 'file.deleted') changeFile(rows, 'deleted', event, at);
  else if (event.type === 'conflict.detected') detectConflict(rows, event, at);
  else if (event.type === 'conflict.escalated') escalateConflict(rows, event);
  else if (event.type === 'conflict.resolved') resolveConflict(rows, event, at);
};

/** Rows of what the state does not keep: they are made from the batch’s events and letters. */
export const writeEventRows = (rows: ProjectRows, changes: Changes, at: number): void => {
  for (const { content, ...letter } of changes.letters)
    rows.messages.set(letter.id, { ...letter, contentJson: JSON.stringify(content), at });
  for (const event of changes.events) writeEvent(rows, event, at);
  writeArtifactRows(rows, changes, at);
};
