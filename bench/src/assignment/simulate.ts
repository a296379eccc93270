import type { Agent, Instance, Task } from './parse.ts';
import { canDo } from './parse.ts';
import type { Durations, Grant, Puller } from './policy.ts';
import type { Assignment, Schedule } from './schedule.ts';

interface State {
  readonly instance: Instance;
  readonly agents: ReadonlyMap<string, Agent>;
  readonly tasks: ReadonlyMap<string, Task>;
  readonly followers: ReadonlyMap<string, readonly string[]>;
  /** Predecessors not yet done, per task that waits for some. */
  readonly open: Map<string, number>;
  readonly ready: Map<string, Task>;
  readonly running: Map<string, Assignment>;
  readonly schedule: Assignment[];
}

/**
 * Discrete-event simulation: at every instant completes all tasks that end then (in order of agents), then pulls with
 * all idle agents until nothing more is granted.
 *
 * @throws Error when a grant is impossible (task not ready, agent busy or not capable) or when the policy is not work
 *   conserving: it leaves an agent idle although a ready task exists that this agent can do
 */
export function simulate(
  instance: Instance,
  puller: Puller,
  { durations }: { readonly durations: Durations } = { durations: 'known' },
): Schedule {
  const state = startState(instance);
  puller.start(durations === 'known' ? instance : withoutDurations(instance), { durations });
  let now = 0;
  for (;;) {
    grantAll(state, puller, now);
    if (state.running.size === 0) break;
    now = Math.min(...[...state.running.values()].map((each) => each.end));
    completeAll(state, puller, now);
  }
  return state.schedule;
}

function startState(instance: Instance): State {
  const followers = new Map<string, string[]>(instance.tasks.map((task) => [task.id, []]));
  for (const task of instance.tasks) for (const id of task.predecessors) followers.get(id)?.push(task.id);
  const waiting = instance.tasks.filter((task) => task.predecessors.length > 0);
  const free = instance.tasks.filter((task) => task.predecessors.length === 0);
  return {
    instance,
    agents: new Map(instance.agents.map((agent) => [agent.id, agent])),
    tasks: new Map(instance.tasks.map((task) => [task.id, task])),
    followers,
    open: new Map(waiting.map((task) => [task.id, task.predecessors.length])),
    ready: new Map(free.map((task) => [task.id, task])),
    running: new Map(),
    schedule: [],
  };
}

function withoutDurations(instance: Instance): Instance {
  return { ...instance, tasks: instance.tasks.map((task) => ({ ...task, duration: 1 })) };
}

function idleAgents(state: State): Agent[] {
  return state.instance.agents.filter((agent) => !state.running.has(agent.id));
}

function grantAll(state: State, puller: Puller, now: number): void {
  for (;;) {
    const idle = idleAgents(state).map((agent) => agent.id);
    const grants = idle.length === 0 ? [] : puller.pull(idle, now);
    if (grants.length === 0) break;
    for (const grant of grants) begin(state, grant, now);
  }
  checkConserved(state, now);
}

function begin(state: State, { agentId, taskId }: Grant, now: number): void {
  const where = `${state.instance.name}: at ${now} task ${taskId} goes to agent ${agentId}`;
  const agent = state.agents.get(agentId);
  const task = state.ready.get(taskId);
  if (agent === undefined) throw new Error(`${where}, who does not exist`);
  if (task === undefined) throw new Error(`${where}, but it is not ready`);
  if (state.running.has(agentId)) throw new Error(`${where}, who is busy`);
  if (!canDo(agent, task)) throw new Error(`${where}, who lacks ${task.skill} at level ${task.level}`);
  const assignment = { taskId, agentId, start: now, end: now + task.duration };
  state.ready.delete(taskId);
  state.running.set(agentId, assignment);
  state.schedule.push(assignment);
}

function completeAll(state: State, puller: Puller, now: number): void {
  for (const { id: agentId } of state.instance.agents) {
    const assignment = state.running.get(agentId);
    if (assignment?.end !== now) continue;
    state.running.delete(agentId);
    for (const follower of state.followers.get(assignment.taskId) ?? []) release(state, follower);
    puller.complete(agentId, assignment.taskId, now);
  }
}

function release(state: State, taskId: string): void {
  const left = (state.open.get(taskId) ?? 0) - 1;
  const task = state.tasks.get(taskId);
  state.open.set(taskId, left);
  if (left === 0 && task !== undefined) state.ready.set(taskId, task);
}

function checkConserved(state: State, now: number): void {
  const idle = idleAgents(state);
  if (idle.length === 0) return;
  for (const task of state.ready.values()) {
    const agent = idle.find((each) => canDo(each, task));
    if (agent === undefined) continue;
    throw new Error(
      `${state.instance.name}: at ${now} agent ${agent.id} idles while task ${task.id} is ready`,
    );
  }
}
