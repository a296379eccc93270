import type { ProjectState, TaskState } from '../state.ts';

export const WEIGHTS = { capability: 0.4, workload: 0.2, history: 0.3, context: 0.1 } as const;
/** What an agent without history is taken for. */
const UNKNOWN_HISTORY = 0.5;
const LEVEL_MAX = 100;

export interface Compatibility {
  readonly score: number;
  readonly reasons: string[];
}

/**
 * The weighted score of the first specification, each factor from 0 to 1. Capability: the agent’s mean level in what
 * is required, relative to the highest level anyone asked for or has. Workload: 1 ÷ (1 + tasks it holds). History:
 * share of its tasks of this type that it completed, 0.5 before the first. Context: share of the task’s files that
 * it touches in the tasks it holds (those it holds none of count 0).
 */
export const compatibility = (state: ProjectState, sessionId: string, task: TaskState): Compatibility => {
  const session = state.sessions.get(sessionId);
  const agent = session && state.agents.get(session.agentId);
  if (!session || !agent) return { score: 0, reasons: [] };
  const levels = task.requires.map(
    ({ name }) => agent.capabilities.find((own) => own.name === name)?.level ?? 0,
  );
  const top = Math.max(
    1,
    ...agent.capabilities.map(({ level }) => level),
    ...task.requires.map(({ level }) => level),
  );
  const capability =
    levels.length === 0
      ? 1
      : levels.reduce((sum, level) => sum + level / Math.min(top, LEVEL_MAX), 0) / levels.length;
  const workload = 1 / (1 + session.held.size);
  const done = agent.completed.get(task.type) ?? 0;
  const lost = agent.failed.get(task.type) ?? 0;
  const history = done + lost === 0 ? UNKNOWN_HISTORY : done / (done + lost);
  const context = contextOf(state, session.held, task);
  const score =
    WEIGHTS.capability * capability +
    WEIGHTS.workload * workload +
    WEIGHTS.history * history +
    WEIGHTS.context * context;
  const factors = { capability, workload, history, context };
  return {
    score,
    reasons: [
      `score ${score.toFixed(3)}`,
      ...Object.entries(factors).map(([name, value]) => `${name} ${value.toFixed(2)}`),
    ],
  };
};

const contextOf = (state: ProjectState, held: ReadonlySet<string>, task: TaskState): number => {
  if (task.filePaths.length === 0) return 0;
  const touched = new Set(
    [...held].flatMap((id) => [
      ...(state.tasks.get(id)?.filePaths ?? []),
      ...(state.tasks.get(id)?.checkpoint?.paths ?? []),
    ]),
  );
  return task.filePaths.filter((path) => touched.has(path)).length / task.filePaths.length;
};
