import { refusal } from '@agentmix/act-contract';
import type { CommandArguments, CommandName, CommandOutput } from '@agentmix/act-contract';
import { refused } from '../result.ts';
import type { Result } from '../result.ts';
import type { ClaimBook, Grant } from './claim-book.ts';
import type { Session } from './session.ts';
import type { ActAgent, HolderOptions, TaskID } from './types.ts';

type TaskCalls = Pick<
  ActAgent,
  'claimTask' | 'nextTask' | 'reportProgress' | 'completeTask' | 'failTask' | 'releaseTask' | 'blockTask'
>;
type Holder = Grant & { readonly sessionId: string };

/** Calls that claim tasks and speak as their holder, each with the epoch of its claim. */
export const makeTaskCalls = (session: Session, book: ClaimBook): TaskCalls => {
  const asHolder = async <N extends CommandName>(
    name: N,
    taskId: TaskID,
    inputFor: (holder: Holder) => CommandArguments<N>,
    { epoch = book.claims.get(taskId)?.epoch, ...options }: HolderOptions = {},
  ): Promise<Result<CommandOutput<N>>> => {
    if (epoch === undefined) return refused(refusal('stale_epoch', 'this agent holds no claim of the task'));
    const grant = { taskId, epoch };
    const result = await session.command(name, (sessionId) => inputFor({ ...grant, sessionId }), options);
    if (!result.ok && result.refusal.code === 'stale_epoch') book.lose(grant, result.refusal);
    return result;
  };

  /** The same for calls after which the task is no longer held. */
  const asLastAct = async <N extends CommandName>(
    name: N,
    taskId: TaskID,
    inputFor: (holder: Holder) => CommandArguments<N>,
    options: HolderOptions = {},
  ): Promise<Result<CommandOutput<N>>> => {
    const epoch = options.epoch ?? book.claims.get(taskId)?.epoch;
    return book.endBy(taskId, async () => {
      const result = await asHolder(name, taskId, inputFor, options);
      if (result.ok && epoch !== undefined) book.forget({ taskId, epoch });
      return result;
    });
  };

  return {
    async claimTask(taskId, options) {
      const spokenFor = session.id;
      const result = await session.command('task.claim', (sessionId) => ({ taskId, sessionId }), options);
      if (result.ok && spokenFor === session.id && session.live) book.grant(result.value);
      return result;
    },
    async nextTask({ waitMs, ...options } = {}) {
      const spokenFor = session.id;
      const result = await session.command(
        'task.next',
        (sessionId) => ({ sessionId, ...(waitMs === undefined ? {} : { waitMs }) }),
        options,
      );
      const claim = result.ok ? result.value.claim : undefined;
      if (claim && spokenFor === session.id && session.live) book.grant(claim);
      return result;
    },
    reportProgress: (taskId, progress, options) =>
      asHolder('task.progress', taskId, (holder) => ({ ...progress, ...holder }), options),
    completeTask: (taskId, result, { evidence, ...options } = {}) =>
      asLastAct(
        'task.complete',
        taskId,
        (holder) => ({
          ...holder,
          ...(result === undefined ? {} : { result }),
          ...(evidence === undefined ? {} : { evidence }),
        }),
        options,
      ),
    failTask: (taskId, failure, options) =>
      asLastAct('task.fail', taskId, (holder) => ({ ...failure, ...holder }), options),
    releaseTask: (taskId, release, options) =>
      asLastAct('task.release', taskId, (holder) => ({ ...release, ...holder }), options),
    blockTask: (taskId, block, options) =>
      asLastAct('task.block', taskId, (holder) => ({ ...block, ...holder }), options),
  };
};
