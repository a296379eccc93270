import { timestampOf } from '@agentmix/act-contract';
import type { Task } from '@agentmix/act-contract';
import type { TaskState } from './state.ts';

/** Absent on the wire when they are absent in the state. */
const OPTIONAL = [
  'key',
  'phaseId',
  'complexityScore',
  'estimatedTime',
  'sessionId',
  'percent',
  'note',
  'checkpoint',
  'blockedReason',
  'settled',
] as const;

/** An open task as the wire shows it, but for the description, which is not in memory. */
export const taskView = (task: TaskState): Task => {
  const view: Task = {
    id: task.id,
    title: task.title,
    type: task.type,
    status: task.status,
    priority: task.priority,
    requires: [...task.requires],
    filePaths: [...task.filePaths],
    dependencies: [...task.dependencies],
    epoch: task.epoch,
    attempts: task.attempts,
    createdAt: timestampOf(task.createdAt),
  };
  const optional: Record<string, unknown> = view;
  for (const field of OPTIONAL) if (task[field] !== undefined) optional[field] = task[field];
  if (task.agentId !== undefined) view.assignedAgentId = task.agentId;
  if (task.startedAt !== undefined) view.startedAt = timestampOf(task.startedAt);
  return view;
};
