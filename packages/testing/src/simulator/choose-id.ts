import { isOpen } from './model.ts';
import type { ModelTask } from './model.ts';
import type { Actor, Grant, World } from './world.ts';

export const unknownId = (world: World): string =>
  `ffffffff-ffff-7fff-8fff-00000000000${world.random.below(9)}`;

/** Mostly something that is there, now and then something that is not. */
export const oneOf = (world: World, ids: readonly string[]): string =>
  (world.random.chance(0.97) ? world.random.maybe(ids) : undefined) ?? unknownId(world);

const tasksWith = (world: World, fits: (task: ModelTask) => boolean): string[] =>
  [...world.model.tasks.values()].filter(fits).map(({ id }) => id);

export const taskIn = (world: World, condition: ModelTask['condition']): string => {
  const fitting = world.random.chance(0.9) ? tasksWith(world, (task) => task.condition === condition) : [];
  return oneOf(world, fitting.length > 0 ? fitting : [...world.model.tasks.keys()]);
};

export const openTask = (world: World): string =>
  oneOf(world, world.random.chance(0.9) ? tasksWith(world, isOpen) : [...world.model.tasks.keys()]);

export const anyPhase = (world: World): string => oneOf(world, [...world.model.phases.keys()]);

export const activePhase = (world: World): string => {
  const active = [...world.model.phases.values()].filter(({ isCompleted }) => !isCompleted);
  return world.random.chance(0.9)
    ? oneOf(
        world,
        active.map(({ id }) => id),
      )
    : anyPhase(world);
};

export const anyAgent = (world: World): string =>
  world.random.chance(0.95) ? (world.random.maybe([...world.model.agents.keys()]) ?? 'nobody') : 'nobody';

/** The actor’s own session; rarely one of another agent, one that ended, or none at all. */
export const session = (world: World, actor: Actor): string => {
  const { random } = world;
  if (actor.sessionId !== undefined && random.chance(0.95)) return actor.sessionId;
  return oneOf(world, [...world.model.sessions.keys()]);
};

/** A grant to show: the actor’s own, an old one of it, or a forged one with a wrong epoch or session. */
export const grant = (world: World, actor: Actor): Grant => {
  const { random } = world;
  const own = random.chance(0.85) ? random.maybe(actor.grants) : random.maybe(actor.old);
  if (own && random.chance(0.92)) return own;
  const taskId = own?.taskId ?? taskIn(world, 'held');
  const task = world.model.tasks.get(taskId);
  const epoch = Math.max(1, (task?.epoch ?? 0) + random.below(4) - 2);
  const holder = random.chance(0.5) ? task?.holder?.sessionId : undefined;
  return { taskId, epoch, sessionId: holder ?? session(world, actor) };
};

export const anyMember = (world: World): string => oneOf(world, [...world.model.members]);
export const anyKey = (world: World): string => oneOf(world, [...world.model.keys.keys()]);

export const anyReservation = (world: World): string => oneOf(world, [...world.model.reservations.keys()]);
