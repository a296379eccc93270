import { ask, deliver } from './act.ts';
import { SKILLS } from './inputs.ts';
import { isOpen, waitsFor } from './model.ts';
import type { ModelTask } from './model.ts';
import { checkNothingPredicted } from './prediction-rules.ts';
import { checkNothingReserved } from './reservation-rules.ts';
import { insist } from './violation.ts';
import type { Actor, World } from './world.ts';

const ROUNDS_MAX = 500;

const openTasks = (world: World): ModelTask[] => [...world.model.tasks.values()].filter(isOpen);

const send = async (world: World, ...asked: (ReturnType<typeof ask> | undefined)[]): Promise<void> => {
  const batch = asked.filter((one) => one !== undefined);
  if (batch.length > 0) await deliver(world, batch, false);
};

/** The dead are gone: every lease runs out and every session ends. */
const endEverySession = async (world: World): Promise<void> => {
  const leases = [...world.model.sessions.values()].map(({ leaseUntil }) => leaseUntil);
  world.now = Math.max(world.now, ...leases) + 1;
  for (let rounds = 0; rounds < ROUNDS_MAX; rounds++) {
    const expired = await world.store.expiredSessions(50);
    if (expired.length === 0) break;
    await send(world, ...expired.map(({ sessionId }) => ask(world, 'session.expire', { sessionId })));
  }
  checkNothingReserved(world.model);
  checkNothingPredicted(world.model);
  for (const session of world.model.sessions.values())
    insist(!session.isLive, () => `session ${session.id} never ends`);
};

const completeEmptyPhases = async (world: World): Promise<boolean> => {
  const busy = new Set(openTasks(world).map(({ phaseId }) => phaseId));
  const empty = [...world.model.phases.values()].filter(
    ({ id, isCompleted }) => !isCompleted && !busy.has(id),
  );
  await send(world, ...empty.map(({ id }) => ask(world, 'phase.complete', { phaseId: id })));
  return empty.length > 0;
};

/** Good agents take whatever there is, and finish it, until there is no more. */
const workItOff = async (world: World, agents: readonly Actor[]): Promise<void> => {
  for (let rounds = 0; ; rounds++) {
    insist(rounds < ROUNDS_MAX, () => 'good agents never come to an end');
    const hasCompleted = await completeEmptyPhases(world);
    await send(
      world,
      ...agents.map((actor) => ask(world, 'task.next', { sessionId: actor.sessionId ?? '' }, actor)),
    );
    const done = agents.flatMap((actor) =>
      actor.grants.map((grant) => ask(world, 'task.complete', grant, actor)),
    );
    await send(world, ...done);
    world.now += 500;
    if (done.length === 0 && !hasCompleted) return;
  }
};

/** What is left must be parked, or wait for something that is. */
const checkLeft = (world: World): void => {
  const { model } = world;
  const excused = new Set<string>();
  const left = openTasks(world);
  for (let size = -1; size !== excused.size;) {
    size = excused.size;
    for (const task of left) {
      const isExcused = task.condition === 'parked' || waitsFor(model, task).some((id) => excused.has(id));
      if (!isExcused) continue;
      excused.add(task.id);
      if (task.phaseId !== undefined) excused.add(task.phaseId);
    }
  }
  for (const task of left)
    insist(
      excused.has(task.id),
      () => `${task.id} is stuck: ${task.condition}, waits for ${waitsFor(model, task).join()}`,
    );
};

const idsOf = (world: World, condition: ModelTask['condition']): string[] =>
  openTasks(world)
    .filter((task) => task.condition === condition)
    .map(({ id }) => id);

/** After the chaos: with good agents and no more accidents every plan comes to its end. */
export const finishPlans = async (world: World): Promise<void> => {
  await send(world, ask(world, 'project.update', { status: 'active' }));
  await endEverySession(world);
  await send(world, ...idsOf(world, 'blocked').map((taskId) => ask(world, 'task.unblock', { taskId })));
  const agents = ['good-1', 'good-2'].map((agentId): Actor => ({
    agentId,
    capabilities: SKILLS.map((name) => ({ name, level: 100 })),
    isCrashed: false,
    grants: [],
    old: [],
  }));
  for (const actor of agents) {
    const { agentId, capabilities } = actor;
    await send(
      world,
      ask(world, 'agent.register', { agentId, capabilities: [...capabilities], leaseMs: 3_600_000 }, actor),
    );
  }
  await workItOff(world, agents);
  checkLeft(world);
  await send(world, ...idsOf(world, 'parked').map((taskId) => ask(world, 'task.retry', { taskId })));
  await workItOff(world, agents);
  const left = openTasks(world);
  insist(
    left.length === 0,
    () => `never finished: ${left.map(({ id, condition }) => `${id} ${condition}`).join()}`,
  );
};
