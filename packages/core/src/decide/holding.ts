import type { Checkpoint, NewEvent, Refusal } from '@agentmix/act-contract';
import { NOTE_CHARS_MAX } from '@agentmix/act-contract';
import { isAttempt } from '../attempt.ts';
import type { ReleaseReason } from '../attempt.ts';
import { defined } from '../defined.ts';
import type { ProjectState, TaskState } from '../state.ts';
import { refuse } from './decision.ts';

interface Holder {
  readonly taskId: string;
  readonly sessionId: string;
  readonly epoch: number;
}

/** The fence: the task, if this session holds it by this very grant; else why not, and who has it now. */
export const heldTask = (
  state: ProjectState,
  { taskId, sessionId, epoch }: Holder,
): TaskState | { refusal: Refusal } => {
  const task = state.tasks.get(taskId);
  if (!task) {
    return state.closedTasks.has(taskId)
      ? refuse('stale_epoch', 'the task is closed', { taskId, closed: true })
      : refuse('task_not_found', `no task ${taskId}`);
  }
  if (task.status !== 'claimed' || task.epoch !== epoch || task.sessionId !== sessionId) {
    return refuse(
      'stale_epoch',
      task.status === 'claimed'
        ? `${task.agentId} holds the task with epoch ${task.epoch}`
        : `the task is ${task.status}`,
      defined({
        taskId,
        status: task.status,
        currentEpoch: task.epoch,
        holder: task.status === 'claimed' ? task.agentId : undefined,
      }),
    );
  }
  if (!state.sessions.has(sessionId)) return refuse('session_expired', `session ${sessionId} is not live`);
  return task;
};

/** Not through the middle of a surrogate pair, which no database could store. */
const cut = (text: string): string => text.slice(0, NOTE_CHARS_MAX).replace(/[\uD800-\uDBFF]$/, '');

/** The task returns; after the last attempt it is parked. `agentId` is who gave it back, absent when the hub took it. */
export const giveBack = (
  state: ProjectState,
  task: TaskState,
  reason: ReleaseReason,
  more: { agentId?: string | undefined; note?: string | undefined; checkpoint?: Checkpoint | undefined } = {},
): NewEvent[] => {
  const { agentId, ...said } = more;
  const attempts = task.attempts + (isAttempt(reason) ? 1 : 0);
  const by = defined({ agentId });
  const released: NewEvent = {
    type: 'task.released',
    ...by,
    data: { taskId: task.id, epoch: task.epoch, reason, attempts, ...defined(said) },
  };
  if (!isAttempt(reason) || attempts < state.settings.maxAttempts) return [released];
  const last = said.note ?? reason;
  return [
    released,
    {
      type: 'task.failed',
      ...by,
      data: {
        taskId: task.id,
        attempts,
        reason: cut(`attempt ${attempts} of ${state.settings.maxAttempts}: ${last}`),
      },
    },
  ];
};
