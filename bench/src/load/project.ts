import type { HubCaller } from './hub-caller.ts';

/** Largest plan that the contract takes at once. */
const PLAN_TASKS = 2_000;
const PAGE_ITEMS = 500;
const LEASE_MS = 3_600_000;
const OPEN_TASKS_MAX = 100_000;

/** Creates a project with that many tasks, keyed by number: first those already completed, then those open. */
export async function seedProject(
  caller: HubCaller,
  { open, completed = 0 }: { open: number; completed?: number },
): Promise<string> {
  const { projectId } = await caller.command('project.create', undefined, {
    name: 'bench',
    settings: { openTasksMax: OPEN_TASKS_MAX },
  });
  const total = completed + open;
  for (let first = 0; first < total; first += PLAN_TASKS) {
    const tasks = Array.from({ length: Math.min(PLAN_TASKS, total - first) }, (_, at) => {
      const number = first + at;
      return {
        key: `task-${number}`,
        title: `Task number ${number} of the bench`,
        ...(number < completed && { status: 'completed' as const }),
      };
    });
    await caller.command('plan.apply', projectId, { tasks });
  }
  return projectId;
}

/** Ids of the tasks that can be claimed, in the order of their creation. */
export async function readyTasks(caller: HubCaller, projectId: string): Promise<string[]> {
  const ids: string[] = [];
  let after: string | undefined;
  do {
    const page = await caller.query('task.list', projectId, {
      status: 'ready',
      limit: PAGE_ITEMS,
      ...(after !== undefined && { after }),
    });
    ids.push(...page.items.map(({ id }) => id));
    after = page.next;
  } while (after !== undefined);
  return ids;
}

/** Registers an agent, with a lease that outlasts the bench unless told otherwise; returns its session. */
export async function registerAgent(
  caller: HubCaller,
  projectId: string,
  number: number,
  leaseMs = LEASE_MS,
): Promise<string> {
  const agent = { agentId: `agent-${number}`, leaseMs };
  return (await caller.command('agent.register', projectId, agent)).sessionId;
}

/** Registers that many agents; returns their sessions. */
export async function registerAgents(
  caller: HubCaller,
  projectId: string,
  count: number,
  leaseMs?: number,
): Promise<string[]> {
  const sessions: string[] = [];
  for (let number = 0; number < count; number += 1)
    sessions.push(await registerAgent(caller, projectId, number, leaseMs));
  return sessions;
}
