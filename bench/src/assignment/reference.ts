import type { Agent, Instance, Task } from './parse.ts';
import { canDo } from './parse.ts';
import type { Grant, Puller } from './policy.ts';

/** What the plain policies know: the ready tasks in the order of the file, and who did what. */
interface Board {
  readonly instance: Instance;
  readonly unstarted: Set<Task>;
  readonly doneBy: Map<string, string>;
}

type Choose = (board: Board, idle: readonly Agent[]) => Grant[];

function makePuller(prepare: (instance: Instance) => Choose): Puller {
  let board: Board = {
    instance: { name: '', tasks: [], agents: [] },
    unstarted: new Set(),
    doneBy: new Map(),
  };
  let choose: Choose = () => [];
  return {
    start(instance) {
      board = { instance, unstarted: new Set(instance.tasks), doneBy: new Map() };
      choose = prepare(instance);
    },
    pull(idleAgents) {
      const grants = choose(
        board,
        board.instance.agents.filter((agent) => idleAgents.includes(agent.id)),
      );
      const granted = new Set(grants.map((grant) => grant.taskId));
      for (const task of board.unstarted) if (granted.has(task.id)) board.unstarted.delete(task);
      return grants;
    },
    complete(agentId, taskId) {
      board.doneBy.set(taskId, agentId);
    },
  };
}

/** Goes through the ready tasks in the given order and hands each to the idle capable agent with the least cost. */
function handOut(
  board: Board,
  tasks: Iterable<Task>,
  idle: readonly Agent[],
  cost: (agent: Agent, task: Task) => number,
) {
  const left = new Set(idle);
  const grants: Grant[] = [];
  for (const task of tasks) {
    if (left.size === 0) break;
    if (!task.predecessors.every((id) => board.doneBy.has(id))) continue;
    let best: Agent | undefined;
    for (const agent of left) {
      if (canDo(agent, task) && (best === undefined || cost(agent, task) < cost(best, task))) best = agent;
    }
    if (best === undefined) continue;
    left.delete(best);
    grants.push({ agentId: best.id, taskId: task.id });
  }
  return grants;
}

/** Tasks in the order of the file, each to the first idle agent that can do it. */
export function makeFifo(): Puller {
  return makePuller(() => (board, idle) => handOut(board, board.unstarted, idle, () => 0));
}

/**
 * The seed's score, pulled: tasks in the order of the file, each to the idle capable agent with the highest
 * 0.4 × level / top level in the skill + 0.2 / (1 + 0 queued) + 0.3 × 0.5 (no history) + 0.1 × share of the task's
 * predecessors done by this agent. The two middle terms are the same for all idle agents.
 */
export function makeWeighted(): Puller {
  return makePuller((instance) => {
    const top = new Map<string, number>();
    for (const agent of instance.agents) {
      for (const [skill, level] of Object.entries(agent.skills))
        top.set(skill, Math.max(level, top.get(skill) ?? 0));
    }
    return (board, idle) =>
      handOut(board, board.unstarted, idle, (agent, task) => {
        const highest = top.get(task.skill) ?? 0;
        const capability = highest === 0 ? 1 : (agent.skills[task.skill] ?? 0) / highest;
        const own = task.predecessors.filter((id) => board.doneBy.get(id) === agent.id).length;
        const context = task.predecessors.length === 0 ? 0 : own / task.predecessors.length;
        return -(0.4 * capability + 0.2 + 0.3 * 0.5 + 0.1 * context);
      });
  });
}

/**
 * The good rule of research/algorithms.md A2, recomputed naively. Demand of an agent: the sum over unstarted tasks it
 * can do of duration / number of agents able to do that task. Priority of a task: bottom level (its duration + the
 * longest path behind it) + the least demand of an agent able to do it. Highest priority first, ties by more direct
 * successors, then by order of the file; to the idle capable agent least in demand, ties by order of the file. Demands
 * are those at the beginning of the instant: grants made at the same instant do not change them.
 */
export function makeFlow(): Puller {
  return makePuller((instance) => {
    const able = new Map(
      instance.tasks.map((task) => [task, instance.agents.filter((agent) => canDo(agent, task))]),
    );
    const followers = new Map<string, Task[]>(instance.tasks.map((task) => [task.id, []]));
    for (const task of instance.tasks) for (const id of task.predecessors) followers.get(id)?.push(task);
    const bottom = bottomLevels(instance.tasks, followers);
    return (board, idle) => {
      const demand = new Map(instance.agents.map((agent) => [agent, 0]));
      for (const task of board.unstarted) {
        const agents = able.get(task) ?? [];
        for (const agent of agents)
          demand.set(agent, (demand.get(agent) ?? 0) + task.duration / agents.length);
      }
      const demandOf = (agent: Agent): number => demand.get(agent) ?? 0;
      const ready = [...board.unstarted].filter((task) =>
        task.predecessors.every((id) => board.doneBy.has(id)),
      );
      const ranked = ready.map((task) => ({
        task,
        priority: rounded((bottom.get(task.id) ?? 0) + Math.min(...(able.get(task) ?? []).map(demandOf))),
        followers: followers.get(task.id)?.length ?? 0,
      }));
      // Sorting is stable, so the order of the file decides what the numbers leave open.
      ranked.sort((left, right) => right.priority - left.priority || right.followers - left.followers);
      const tasks = ranked.map((each) => each.task);
      return handOut(board, tasks, idle, (agent) => rounded(demandOf(agent)));
    };
  });
}

/** Sums of thirds and sevenths differ in their last digits by the order of summing; ties must not. */
function rounded(value: number): number {
  return Math.round(value * 1e6);
}

function bottomLevels(
  tasks: readonly Task[],
  followers: ReadonlyMap<string, readonly Task[]>,
): Map<string, number> {
  const bottom = new Map<string, number>();
  const open = new Map(tasks.map((task) => [task.id, followers.get(task.id)?.length ?? 0]));
  const byId = new Map(tasks.map((task) => [task.id, task]));
  const queue = tasks.filter((task) => open.get(task.id) === 0);
  for (const task of queue) {
    const behind = (followers.get(task.id) ?? []).map((each) => bottom.get(each.id) ?? 0);
    bottom.set(task.id, task.duration + Math.max(0, ...behind));
    for (const id of task.predecessors) {
      const left = (open.get(id) ?? 0) - 1;
      const before = byId.get(id);
      open.set(id, left);
      if (left === 0 && before !== undefined) queue.push(before);
    }
  }
  return bottom;
}
