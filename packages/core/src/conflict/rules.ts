import type { ConflictQuestion } from '@agentmix/act-contract';
import { isClosed } from '../state.ts';
import type { ConflictState, TaskState } from '../state.ts';
import type { Scene } from './scene.ts';

/** A rule’s word: how the conflict is over, or what a person has to choose from. Every one tells its reason. */
export type Verdict = { readonly resolution: Resolution } | { readonly question: ConflictQuestion };

export interface Resolution {
  readonly choice: string;
  readonly reason: string;
  /** Who goes on as before. */
  readonly keeps?: string;
  /** Who takes other work. */
  readonly yields?: readonly string[];
  /** The task that is changed for it. */
  readonly taskId?: string;
}

/** So many levels more urgent, and interrupting somebody is worth a question. */
export const FAR_MORE_URGENT = 2;

const isLive = (scene: Scene, agentId: string): boolean => scene.agents.get(agentId)?.sessionId !== undefined;

const tasksOf = (scene: Scene, { taskIds }: ConflictState): TaskState[] =>
  [...new Set(taskIds)].flatMap((id) => scene.tasks.get(id) ?? []).filter(({ status }) => !isClosed(status));

const heldBy = (tasks: readonly TaskState[], agents: readonly string[]): TaskState[] =>
  tasks.filter(({ status, agentId }) => status === 'claimed' && agents.includes(agentId ?? ''));

/** Whom the conflict is between: those who are still there. */
export const livePartiesOf = (scene: Scene, { agents }: ConflictState): string[] =>
  [...new Set(agents)].filter((agentId) => isLive(scene, agentId));

const settled = (
  choice: string,
  reason: string,
  more: Omit<Resolution, 'choice' | 'reason'> = {},
): Verdict => ({
  resolution: { choice, reason, ...more },
});

/** Nobody is interrupted before a person said so: the first option is what happens when nobody answers. */
const asked = (
  reason: string,
  ...options: [ConflictQuestion['options'][number], ...ConflictQuestion['options']]
): Verdict => ({
  question: { reason, options, safeDefault: options[0].id },
});

const CARRY_ON = { id: 'carry_on', summary: 'everyone goes on; the merge will show' };
const preempt = (task: TaskState, urgent: TaskState) => ({
  id: 'preempt',
  summary: `${task.agentId} gives ${task.id} back with its checkpoint, for ${urgent.id}`,
});

const byUrgency = (a: TaskState, b: TaskState): number => a.urgency - b.urgency || a.order - b.order;
const byClaim = (a: TaskState, b: TaskState): number =>
  (a.claimedAt ?? Infinity) - (b.claimedAt ?? Infinity) || a.order - b.order;

/** The held task that makes way where somebody decides so, and for which one: the least urgent for the most urgent. */
export const preemptionIn = (
  scene: Scene,
  conflict: ConflictState,
): { readonly task: TaskState; readonly urgent: TaskState } | undefined => {
  const tasks = tasksOf(scene, conflict).toSorted(byUrgency);
  const [urgent] = tasks;
  const task = heldBy(tasks, conflict.agents).at(-1);
  const isFar = urgent && task && task.urgency - urgent.urgency >= FAR_MORE_URGENT;
  return isFar ? { task, urgent } : undefined;
};

/** Who came first keeps; the others take other work, or another region of the file. */
const resourceContention = (scene: Scene, conflict: ConflictState, parties: readonly string[]): Verdict => {
  const preemption = preemptionIn(scene, conflict);
  if (preemption)
    return asked(
      'a far more urgent task wants what a less urgent one has',
      { id: 'earlier_keeps', summary: `${preemption.task.agentId} finishes first` },
      preempt(preemption.task, preemption.urgent),
    );
  const [first] = heldBy(tasksOf(scene, conflict), parties).toSorted(byClaim);
  // Of a region that is known its holder came first, and is named first.
  const keeps = conflict.place === undefined ? first?.agentId : parties[0];
  if (keeps === undefined)
    return asked(
      'none of them works on a task that says who came first',
      CARRY_ON,
      ...parties.map(keepOption),
    );
  return settled('earlier_keeps', 'it began first; the others take other ready work or another region', {
    keeps,
    yields: parties.filter((agentId) => agentId !== keeps),
  });
};

const keepOption = (agentId: string) => ({
  id: `keep:${agentId}`,
  summary: `${agentId} goes on, the others yield`,
});

/** The cheapest of the blocked tasks goes back to the others, with its checkpoint: then nobody waits in a circle. */
const dependencyDeadlock = (scene: Scene, conflict: ConflictState): Verdict => {
  const tasks = tasksOf(scene, conflict);
  const [victim] = tasks
    .filter(({ status }) => status === 'blocked')
    .toSorted((a, b) => (a.percent ?? 0) - (b.percent ?? 0) || b.urgency - a.urgency || b.order - a.order);
  if (victim)
    return settled(
      'unblock',
      'the least was done of it; it is ready for whoever can go on from its checkpoint',
      {
        taskId: victim.id,
      },
    );
  const isMoving =
    tasks.length === 0 || tasks.some(({ status }) => status === 'claimed' || status === 'ready');
  return isMoving
    ? settled('nothing_waits', 'none of the tasks is blocked, and at least one goes on')
    : asked('none of the tasks is blocked by its holder, and none goes on', {
        id: 'leave',
        summary: 'the tasks wait for what they depend on',
      });
};

/** Who is further along keeps the work; the other reviews it or moves on. */
const capabilityOverlap = (scene: Scene, conflict: ConflictState, parties: readonly string[]): Verdict => {
  const [best] = heldBy(tasksOf(scene, conflict), parties).toSorted(
    (a, b) => (b.percent ?? 0) - (a.percent ?? 0) || byClaim(a, b),
  );
  if (best?.agentId === undefined)
    return asked(
      'none of them works on a task that says who is further along',
      CARRY_ON,
      ...parties.map(keepOption),
    );
  const keeps = best.agentId;
  return settled('further_along_keeps', 'more of it is done; the others review it or move on', {
    keeps,
    yields: parties.filter((agentId) => agentId !== keeps),
    taskId: best.id,
  });
};

/** Urgency is inherited along dependencies by itself; somebody is interrupted only where a person says so. */
const priorityMismatch = (scene: Scene, conflict: ConflictState): Verdict => {
  const preemption = preemptionIn(scene, conflict);
  if (preemption)
    return asked(
      'a held task is far less urgent than one that waits',
      { id: 'finish_first', summary: `${preemption.task.agentId} finishes first` },
      preempt(preemption.task, preemption.urgent),
    );
  return settled(
    'order_by_urgency',
    'what the urgent task depends on has its urgency, and is handed out before others',
  );
};

const rules = {
  resource_contention: resourceContention,
  dependency_deadlock: dependencyDeadlock,
  capability_overlap: capabilityOverlap,
  priority_mismatch: priorityMismatch,
} as const;

/** Over when at most one of its agents is left; the others are about tasks. */
export const isBetweenAgents = ({ type }: ConflictState): boolean =>
  type === 'resource_contention' || type === 'capability_overlap';

/** Applies the rule of the conflict’s type; where at most one of several agents is left there is nothing to decide. */
export const judge = (scene: Scene, conflict: ConflictState): Verdict => {
  const parties = livePartiesOf(scene, conflict);
  if (!isBetweenAgents(conflict)) return rules[conflict.type](scene, conflict, parties);
  if (parties.length === 0) return settled('nobody_left', 'none of the agents is there any more');
  const [only] = parties;
  if (parties.length === 1 && conflict.agents.length > 1 && only !== undefined)
    return settled('one_left', 'the others are not there any more', { keeps: only });
  return rules[conflict.type](scene, conflict, parties);
};
