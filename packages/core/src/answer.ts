import type {
  Agent,
  CommandInput,
  CommandOutput,
  EventData,
  EventType,
  FramedEvent,
} from '@agentmix/act-contract';
import type { LaneCommand, LaneCommandName } from './decide.ts';
import { answerRequest, countReleased } from './reservations/answer-request.ts';
import type { ProjectState } from './state.ts';
import { taskView } from './task-view.ts';

type Answer<N extends LaneCommandName> = (
  events: readonly FramedEvent[],
  input: CommandInput<N>,
  state: ProjectState,
) => CommandOutput<N>;

const find = <T extends EventType>(
  events: readonly FramedEvent[],
  type: T,
): Extract<FramedEvent, { type: T }> | undefined =>
  events.find((event): event is Extract<FramedEvent, { type: T }> => event.type === type);

const must = <T extends EventType>(
  events: readonly FramedEvent[],
  type: T,
): Extract<FramedEvent, { type: T }> => {
  const event = find(events, type);
  if (!event) throw new Error(`a command committed without its ${type}`);
  return event;
};

const nothing = (): Record<string, never> => ({});
const theTask = (_events: unknown, { taskId }: { taskId: string }): { taskId: string } => ({ taskId });

type Granted = Pick<EventData<'task.claimed'>, 'taskId' | 'epoch' | 'attempt' | 'leaseMs' | 'reasons'>;

/** The grant that a session has, as it was told when it got it; of several the oldest. */
const heldBy = (state: ProjectState, sessionId: string): Granted | undefined => {
  const session = state.sessions.get(sessionId);
  const [taskId = ''] = session?.held ?? [];
  const task = state.tasks.get(taskId);
  if (!session || !task) return undefined;
  const { epoch, attempts } = task;
  return { taskId, epoch, attempt: attempts + 1, leaseMs: session.leaseMs, reasons: ['held already'] };
};

const claimOf = (data: Granted, state: ProjectState) => {
  const task = state.tasks.get(data.taskId);
  return {
    taskId: data.taskId,
    epoch: data.epoch,
    attempt: data.attempt,
    leaseMs: data.leaseMs,
    reasons: data.reasons,
    ...(task ? { task: taskView(task) } : {}),
  };
};

/** The session that an agent goes on with: it had one, or it would have been given another. */
const resumed = (state: ProjectState, agentId: string): { sessionId: string; leaseMs: number } => {
  const session = state.sessions.get(state.agents.get(agentId)?.sessionId ?? '');
  if (!session) throw new Error(`${agentId} resumed a session that it does not have`);
  return { sessionId: session.id, leaseMs: session.leaseMs };
};

/** What an agent does now, as `agent.list` tells it. */
const statusOf = (state: ProjectState, agentId: string): Agent['status'] => {
  const sessionId = state.agents.get(agentId)?.sessionId;
  const session = sessionId === undefined ? undefined : state.sessions.get(sessionId);
  if (!session) return 'offline';
  return session.held.size > 0 ? 'working' : 'idle';
};

/** Tasks that agents can still bring forward: unstarted or held, not blocked or parked. */
const activeTasks = (state: ProjectState): number => {
  let count = state.index.claimed;
  for (const demand of state.index.demands.values()) count += demand.count;
  return count;
};

const answers: { readonly [N in LaneCommandName]: Answer<N> } = {
  'project.create': (_events, _input, state) => ({ projectId: state.id }),
  'project.update': nothing,
  'project.milestone': nothing,
  'member.put': (_events, { memberId }) => ({ memberId }),
  'member.remove': nothing,
  'key.create': (events) => ({ keyId: must(events, 'key.created').data.keyId }),
  'key.rotate': (events) => ({ keyId: must(events, 'key.created').data.keyId }),
  'key.revoke': nothing,
  'privacy.erase': nothing,
  'access.note': nothing,
  'owner.admit': nothing,
  'phase.create': (events) => ({ phaseId: must(events, 'phase.created').data.phaseId }),
  'phase.update': nothing,
  'phase.complete': nothing,
  'agent.register': (events, { agentId }, state) => {
    const { sessionId, leaseMs } = find(events, 'agent.registered')?.data ?? resumed(state, agentId);
    return { agentId, sessionId, leaseMs };
  },
  'agent.disconnect': nothing,
  'agent.publish_keys': (events) => ({ seq: must(events, 'agent.keys_published').seq }),
  'session.expire': nothing,
  'task.create': (events) => ({ taskId: must(events, 'task.created').data.taskId }),
  'task.update': theTask,
  'task.next': (events, { sessionId, resume }, state) => {
    const claimed = find(events, 'task.claimed')?.data ?? (resume ? heldBy(state, sessionId) : undefined);
    return { ...(claimed ? { claim: claimOf(claimed, state) } : {}), open: activeTasks(state) };
  },
  'task.claim': (events, _input, state) => claimOf(must(events, 'task.claimed').data, state),
  'task.progress': theTask,
  'task.complete': (events, { taskId }) => {
    const { settled } = must(events, 'task.completed').data;
    return {
      taskId,
      ready: events.flatMap((event) => (event.type === 'task.ready' ? [event.data.taskId] : [])),
      ...(settled ? { settled } : {}),
    };
  },
  'task.fail': (events, { taskId }) => ({ taskId, parked: find(events, 'task.failed') !== undefined }),
  'task.release': theTask,
  'task.block': theTask,
  'task.unblock': theTask,
  'task.cancel': theTask,
  'task.retry': theTask,
  'task.confirm': theTask,
  'task.timeout': theTask,
  'dependency.add': theTask,
  'dependency.remove': theTask,
  'plan.apply': (events, { phases, tasks }) => {
    const created = events.filter(({ type }) => type === 'task.created' || type === 'phase.created').length;
    const changed = new Set(
      events.flatMap((event) =>
        event.type === 'task.updated' || event.type === 'dependency.added' ? [event.data.taskId] : [],
      ),
    );
    const updated = changed.size + events.filter(({ type }) => type === 'phase.updated').length;
    const edges = events.reduce(
      (sum, event) =>
        sum +
        (event.type === 'task.created'
          ? event.data.dependencies.length
          : event.type === 'dependency.added'
            ? 1
            : 0),
      0,
    );
    return { created, updated, unchanged: phases.length + tasks.length - created - updated, edges };
  },
  'message.send': (events, { to }, state) => ({
    messageId: must(events, 'message.sent').data.messageId,
    recipient: statusOf(state, to),
  }),
  'message.read': nothing,
  'update.broadcast': (events) => ({ messageId: must(events, 'update.broadcast').data.messageId }),
  'assistance.request': (events) => {
    const { requestId, offeredTo } = must(events, 'assistance.requested').data;
    return { requestId, offeredTo };
  },
  'assistance.answer': nothing,
  'assistance.close': nothing,
  'state.put': (events) => {
    const { key, version } = must(events, 'state.updated').data;
    return { key, version };
  },
  'state.delete': nothing,
  'file.report': (_events, { changes }) => ({ reported: changes.length }),
  'file.watch': nothing,
  'conflict.report': (events) => ({ conflictId: must(events, 'conflict.detected').data.conflictId }),
  'conflict.resolve': nothing,
  'conflict.expire': nothing,
  'conflict.contend': nothing,
  'artifact.store': (_events, { artifactId }) => ({ artifactId }),
  'artifact.delete': nothing,
  'branch.report': (events) => ({
    counted: events.filter(({ type }) => type === 'branch.advanced').length,
    settled: events.flatMap((event) => (event.type === 'task.settled' ? [event.data.taskId] : [])),
  }),
  'reservation.request': answerRequest,
  'reservation.release': countReleased,
  'reservation.force': countReleased,
  'reservation.expire': countReleased,
  'worktree.report': (events) => {
    const count = (type: EventType) => events.filter((event) => event.type === type).length;
    return { predicted: count('conflict.predicted'), withdrawn: count('conflict.withdrawn') };
  },
};

/**
 * What a command answers, made from its committed events alone, so that a repetition of the command, minutes or a
 * restart later, is answered from the log with the same words. One that committed none is decided anew.
 */
export const answer = (
  command: LaneCommand,
  events: readonly FramedEvent[],
  state: ProjectState,
): unknown => {
  const make = answers[command.name] as (
    events: readonly FramedEvent[],
    input: unknown,
    state: ProjectState,
  ) => unknown;
  return make(events, command.input, state);
};
