import { randomUUID } from 'node:crypto';
import { priorityOf, refusal } from '@agentmix/act-contract';
import type {
  CommandInput,
  CommandName,
  CommandOutput,
  Frame,
  FramedEvent,
  NewEvent,
  Refusal,
  Snapshot,
} from './contract.ts';

export interface FakeSession {
  readonly id: string;
  readonly agentId: string;
  readonly leaseMs: number;
  live: boolean;
}

export interface FakeTask {
  readonly id: string;
  readonly title: string;
  status: 'ready' | 'claimed' | 'completed' | 'blocked';
  epoch: number;
  sessionId: string | undefined;
}

/** One project of the fake hub: a log of frames and as much state as its commands need. */
export class FakeProject {
  readonly id: string;
  readonly frames: Frame[] = [];
  readonly sessions = new Map<string, FakeSession>();
  readonly tasks = new Map<string, FakeTask>();
  readonly state = new Map<string, { value: unknown; version: number }>();
  readonly messages: { id: string; to: string | undefined; senderAgentId: string; content: unknown }[] = [];
  readonly watchers = new Set<(frame: Frame) => void>();
  /** The log reaches back to the event after this one. */
  prunedSeq = 0;

  constructor(id: string) {
    this.id = id;
  }

  get seq(): number {
    return this.frames.at(-1)?.lastSeq ?? 0;
  }

  /** Commits events as one frame. */
  append(...events: (NewEvent & { agentId?: string })[]): void {
    const firstSeq = this.seq + 1;
    const framed = events.map(
      (event, index) =>
        ({ ...event, seq: firstSeq + index, priority: priorityOf(event.type) }) as FramedEvent,
    );
    const frame: Frame = {
      projectId: this.id,
      firstSeq,
      lastSeq: firstSeq + framed.length - 1,
      timestamp: new Date().toISOString(),
      events: framed,
    };
    this.frames.push(frame);
    for (const watcher of this.watchers) watcher(frame);
  }

  milestone(name: string): void {
    this.append({ type: 'project.milestone', data: { name } });
  }

  endSession(session: FakeSession): void {
    session.live = false;
    for (const task of this.tasks.values()) if (task.sessionId === session.id) this.giveBack(task);
  }

  giveBack(task: FakeTask): void {
    task.status = 'ready';
    task.sessionId = undefined;
  }

  snapshot(): Snapshot {
    const at = '2026-01-01T00:00:00Z';
    const settings = {
      policy: 'flow',
      leaseMs: 30_000,
      maxAttempts: 3,
      silenceMs: 60_000,
      claimMs: 60_000,
      artifactBytesMax: 1_000_000,
      reservationIdleMs: 600_000,
      openTasksMax: 100,
      hopsMax: 16,
      messagesPerMinute: 120,
    } as const;
    return {
      seq: this.seq,
      project: {
        id: this.id,
        name: 'fake',
        status: 'active',
        settings,
        seq: this.seq,
        createdAt: at,
        updatedAt: at,
      },
      phases: [],
      agents: [],
      tasks: [],
      counts: { pending: 0, ready: 0, claimed: 0, blocked: 0, completed: 0, failed: 0, cancelled: 0 },
    };
  }
}

type Handlers = {
  readonly [N in CommandName]?: (project: FakeProject, input: CommandInput<N>) => CommandOutput<N> | Refusal;
};

const claim = (project: FakeProject, session: FakeSession, task: FakeTask) => {
  task.status = 'claimed';
  task.epoch++;
  task.sessionId = session.id;
  const grant = {
    taskId: task.id,
    epoch: task.epoch,
    attempt: task.epoch,
    leaseMs: session.leaseMs,
    reasons: [],
  };
  project.append({
    type: 'task.claimed',
    agentId: session.agentId,
    data: { ...grant, sessionId: session.id },
  });
  return grant;
};

const sessionOf = (project: FakeProject, sessionId: string): FakeSession | undefined => {
  const session = project.sessions.get(sessionId);
  return session?.live ? session : undefined;
};

const expired = refusal('session_expired', 'no such session');

/** Runs `act` when the caller holds the task at its epoch. */
const asHolder = <T>(
  project: FakeProject,
  input: { taskId: string; sessionId: string; epoch: number },
  act: (task: FakeTask, session: FakeSession) => T,
): T | Refusal => {
  const session = sessionOf(project, input.sessionId);
  const task = project.tasks.get(input.taskId);
  if (!session) return expired;
  if (!task) return refusal('task_not_found');
  if (task.epoch !== input.epoch || task.sessionId !== session.id)
    return refusal('stale_epoch', 'granted anew');
  return act(task, session);
};

const as = <T>(project: FakeProject, sessionId: string, act: (session: FakeSession) => T): T | Refusal => {
  const session = sessionOf(project, sessionId);
  return session ? act(session) : expired;
};

export const handlers: Handlers = {
  'project.milestone': (project, input) => {
    project.milestone(input.name);
    return {};
  },
  'task.create': (project, input) => {
    const id = randomUUID();
    project.tasks.set(id, { id, title: input.title, status: 'ready', epoch: 0, sessionId: undefined });
    project.append({ type: 'task.ready', data: { taskId: id } });
    return { taskId: id };
  },
  'agent.register': (project, input) => {
    for (const other of project.sessions.values())
      if (other.agentId === input.agentId) project.endSession(other);
    const session = {
      id: randomUUID(),
      agentId: input.agentId,
      leaseMs: input.leaseMs ?? 30_000,
      live: true,
    };
    project.sessions.set(session.id, session);
    return { agentId: input.agentId, sessionId: session.id, leaseMs: session.leaseMs };
  },
  'agent.heartbeat': (project, input) =>
    as(project, input.sessionId, (session) => ({
      leaseMs: session.leaseMs,
      held: [...project.tasks.values()]
        .filter((task) => task.sessionId === session.id)
        .map((task) => ({ taskId: task.id, epoch: task.epoch })),
    })),
  'agent.disconnect': (project, input) =>
    as(project, input.sessionId, (session) => {
      project.endSession(session);
      return {};
    }),
  'task.claim': (project, input) =>
    as(project, input.sessionId, (session) => {
      const task = project.tasks.get(input.taskId);
      if (!task) return refusal('task_not_found');
      const holder = project.sessions.get(task.sessionId ?? '')?.agentId;
      if (holder !== undefined) return refusal('task_already_claimed', `held by ${holder}`, { holder });
      return task.status === 'ready' ? claim(project, session, task) : refusal('task_closed');
    }) as CommandOutput<'task.claim'> | Refusal,
  'task.next': (project, input) =>
    as(project, input.sessionId, (session) => {
      const ready = [...project.tasks.values()].find((task) => task.status === 'ready');
      const open = [...project.tasks.values()].filter((task) => task.status !== 'completed').length;
      return ready ? { claim: claim(project, session, ready), open } : { open };
    }),
  'task.progress': (project, input) => asHolder(project, input, (task) => ({ taskId: task.id })),
  'task.complete': (project, input) =>
    asHolder(project, input, (task, session) => {
      task.status = 'completed';
      task.sessionId = undefined;
      const data = { taskId: task.id, epoch: task.epoch, actualTime: 0 };
      project.append({ type: 'task.completed', agentId: session.agentId, data });
      return { taskId: task.id, ready: [] };
    }),
  'task.release': (project, input) =>
    asHolder(project, input, (task) => {
      project.giveBack(task);
      return { taskId: task.id };
    }),
  'task.fail': (project, input) =>
    asHolder(project, input, (task) => {
      project.giveBack(task);
      return { taskId: task.id, parked: false };
    }),
  'task.block': (project, input) =>
    asHolder(project, input, (task) => {
      task.status = 'blocked';
      task.sessionId = undefined;
      return { taskId: task.id };
    }),
  'message.send': (project, input) =>
    as(project, input.sessionId, (session) => {
      const id = randomUUID();
      project.messages.push({ id, to: input.to, senderAgentId: session.agentId, content: input.content });
      return { messageId: id, recipient: 'idle' };
    }),
  'update.broadcast': (project, input) =>
    as(project, input.sessionId, (session) => {
      const id = randomUUID();
      project.messages.push({ id, to: undefined, senderAgentId: session.agentId, content: input.content });
      return { messageId: id };
    }),
  'message.read': (project, input) => as(project, input.sessionId, () => ({})),
  'assistance.request': (project, input) =>
    as(project, input.sessionId, (session) => {
      const offeredTo = [...project.sessions.values()]
        .filter((other) => other.live && other.agentId !== session.agentId)
        .map((other) => other.agentId);
      const requestId = randomUUID();
      const data = { requestId, question: input.question, requires: input.requires, offeredTo };
      project.append({ type: 'assistance.requested', agentId: session.agentId, data });
      return { requestId, offeredTo };
    }),
  'assistance.answer': (project, input) =>
    as(project, input.sessionId, (session) => {
      const data = { requestId: input.requestId, accepted: input.accepted };
      project.append({ type: 'assistance.answered', agentId: session.agentId, data });
      return {};
    }),
  'state.put': (project, input) => {
    const version = project.state.get(input.key)?.version ?? 0;
    if (input.expectedVersion !== undefined && input.expectedVersion !== version)
      return refusal('version_mismatch', `it is ${version}`, { version });
    project.state.set(input.key, { value: input.value, version: version + 1 });
    return { key: input.key, version: version + 1 };
  },
  'file.watch': (project, input) =>
    as(project, input.sessionId, (session) => {
      const data = { sessionId: session.id, patterns: input.patterns };
      project.append({ type: 'file.watched', agentId: session.agentId, data });
      return {};
    }),
  'file.report': (project, input) =>
    as(project, input.sessionId, (session) => {
      project.append(
        ...input.changes.map((change) => ({
          type: `file.${change.kind}` as const,
          agentId: session.agentId,
          data: { path: change.path },
        })),
      );
      return { reported: input.changes.length };
    }),
};
