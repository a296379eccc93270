import { decide, emptyState, evolve, makeTalk, noChanges } from '@agentmix/act-core';
import type { DecisionContext, LaneCommand, ProjectState } from '@agentmix/act-core';
import type { CommandInput, FramedEvent, NewEvent } from '@agentmix/act-contract';
import { PLAN_ITEMS_MAX } from '@agentmix/act-contract';

import type { Agent, Instance, Task } from './parse.ts';
import type { Durations, Grant, Puller } from './policy.ts';

const OPEN_TASKS_MAX = 100_000;
const MINUTE_MS = 60_000;

/** A project of the real core without the shell: commands are decided and their events applied one after another. */
interface Project {
  readonly state: ProjectState;
  readonly newId: () => string;
  readonly sessionOf: Map<string, string>;
  readonly epochOf: Map<string, number>;
}

const run = (project: Project, command: LaneCommand, context: Partial<DecisionContext> = {}): NewEvent[] => {
  const { state, newId } = project;
  const now = context.now ?? 0;
  const decision = decide(state, command, {
    now,
    newId,
    seeking: new Set(),
    talk: makeTalk(),
    isSignedBy: () => false,
    ...context,
  });
  if ('refusal' in decision)
    throw new Error(`${command.name} refused: ${decision.refusal.code} ${decision.refusal.detail ?? ''}`);
  for (const event of decision.events) {
    // The shell adds what only delivery needs; the core reads type, agent and data.
    evolve(state, { ...event, seq: state.seq + 1 } as FramedEvent, now, noChanges());
  }
  return [...decision.events];
};

const planned = (task: Task, durations: Durations): CommandInput<'plan.apply'>['tasks'][number] => ({
  key: task.id,
  title: `Task ${task.id}`,
  type: 'task',
  priority: 2,
  requires: [{ name: task.skill, level: task.level }],
  filePaths: [],
  dependsOn: [...task.predecessors],
  status: 'open',
  ...(durations === 'known' && { estimatedTime: task.duration }),
});

const register = (project: Project, agent: Agent): void => {
  const capabilities = Object.entries(agent.skills).map(([name, level]) => ({ name, level }));
  run(project, { name: 'agent.register', input: { agentId: agent.id, capabilities } });
  project.sessionOf.set(agent.id, project.state.agents.get(agent.id)?.sessionId ?? '');
};

/** Predecessors come before their successors, so that a plan of several parts never names an unknown key. */
const inOrder = (tasks: readonly Task[]): Task[] => {
  const left = new Map(tasks.map((task) => [task.id, task]));
  const ordered: Task[] = [];
  for (const root of tasks) {
    const path = [root];
    for (let task = path.at(-1); task; task = path.at(-1)) {
      const before = left.has(task.id) ? task.predecessors.find((id) => left.has(id)) : undefined;
      const next = before === undefined ? undefined : left.get(before);
      if (next) path.push(next);
      else {
        if (left.delete(task.id)) ordered.push(task);
        path.pop();
      }
    }
  }
  return ordered;
};

const makeProject = (instance: Instance, durations: Durations, policy: 'flow' | 'weighted'): Project => {
  let ids = 0;
  const newId = (): string => `id-${(ids += 1)}`;
  const project = { state: emptyState('bench'), newId, sessionOf: new Map(), epochOf: new Map() };
  const settings = { policy, openTasksMax: OPEN_TASKS_MAX };
  run(project, { name: 'project.create', input: { name: instance.name, settings } });
  for (const agent of instance.agents) register(project, agent);
  const tasks = inOrder(instance.tasks).map((task) => planned(task, durations));
  for (let first = 0; first < tasks.length; first += PLAN_ITEMS_MAX) {
    const part = tasks.slice(first, first + PLAN_ITEMS_MAX);
    run(project, { name: 'plan.apply', input: { phases: [], tasks: part } });
  }
  return project;
};

export interface CorePullerOptions {
  readonly policy: 'flow' | 'weighted';
  /** Told how long each decision of task.next took, in µs. */
  readonly onNext?: (us: number) => void;
}

/**
 * The real core behind the harness: the instance becomes a project (agents with their levels, tasks with their
 * duration in minutes as estimate, or with none), and every idle agent asks with task.next while all of them seek,
 * as calls that come at once do in a hub.
 */
export function makeCorePuller({ policy, onNext }: CorePullerOptions): Puller {
  let project: Project | undefined;
  const started = (): Project => {
    if (!project) throw new Error('the puller was not started');
    return project;
  };
  return {
    start(instance, { durations }) {
      project = makeProject(instance, durations, policy);
    },
    pull(idleAgents, now): Grant[] {
      const { state, sessionOf, epochOf } = started();
      const keyOf = (taskId: string): string => state.tasks.get(taskId)?.key ?? '';
      const seeking = new Set(idleAgents.map((agentId) => sessionOf.get(agentId) ?? ''));
      return idleAgents.flatMap((agentId) => {
        const sessionId = sessionOf.get(agentId) ?? '';
        const start = performance.now();
        const [event] = run(
          started(),
          { name: 'task.next', input: { sessionId, waitMs: 0 } },
          { now: now * MINUTE_MS, seeking },
        );
        onNext?.((performance.now() - start) * 1_000);
        if (event?.type !== 'task.claimed') return [];
        seeking.delete(sessionId);
        const taskId = keyOf(event.data.taskId);
        epochOf.set(taskId, event.data.epoch);
        return [{ agentId, taskId }];
      });
    },
    complete(agentId, key, now) {
      const { state, sessionOf, epochOf } = started();
      const input = {
        taskId: state.taskIdsByKey.get(key) ?? '',
        sessionId: sessionOf.get(agentId) ?? '',
        epoch: epochOf.get(key) ?? 0,
      };
      run(started(), { name: 'task.complete', input }, { now: now * MINUTE_MS });
    },
  };
}
