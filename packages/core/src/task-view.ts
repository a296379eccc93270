import type { Task } from '@agentmix/act-contract';
import { defined } from './evolve/task.ts';
import type { TaskState } from './state.ts';

const iso = (at: number | undefined): string | undefined => (at === undefined ? undefined : new Date(at).toISOString());

/** An open task as the wire shows it, but for the description, which is not in memory. */
export const taskView = (task: TaskState): Task =>
  defined({
    id: task.id,
    key: task.key,
    phaseId: task.phaseId,
    title: task.title,
    type: task.type,
    status: task.status,
    priority: task.priority,
    complexityScore: task.complexityScore,
    estimatedTime: task.estimatedTime,
    requires: [...task.requires],
    filePaths: [...task.filePaths],
    dependencies: [...task.dependencies],
    assignedAgentId: task.agentId,
    sessionId: task.sessionId,
    epoch: task.epoch,
    attempts: task.attempts,
    percent: task.percent,
    note: task.note,
    checkpoint: task.checkpoint,
    blockedReason: task.blockedReason,
    createdAt: iso(task.createdAt),
    startedAt: iso(task.startedAt),
  }) as Task;
