import { IDEMPOTENCY_MS } from '@agentmix/act-contract';
import type { LaneCommandName } from '@agentmix/act-core';
import { ask, askAnything, deliver, hear } from './act.ts';
import type { Asked } from './act.ts';
import { insist } from './violation.ts';
import type { Actor, World } from './world.ts';

const OPEN_TASKS_WANTED = 30;

/** How often each command is drawn; every command of the table is here, by its type. */
const WEIGHTS: Record<LaneCommandName, number> = {
  'project.create': 0.2,
  'project.update': 1.5,
  'project.milestone': 0.3,
  'member.put': 1.2,
  'member.remove': 0.4,
  'privacy.erase': 0.2,
  'key.create': 1,
  'key.rotate': 0.4,
  'key.revoke': 0.4,
  'access.note': 0.1,
  'owner.admit': 0.4,
  'phase.create': 1.5,
  'phase.update': 0.4,
  'phase.complete': 0.4,
  'agent.register': 4,
  'agent.disconnect': 1.5,
  'agent.publish_keys': 0.5,
  'session.expire': 0.7,
  'task.create': 10,
  'task.update': 3,
  'task.next': 16,
  'task.claim': 9,
  'task.progress': 4,
  'task.complete': 16,
  'task.fail': 6,
  'task.release': 4,
  'task.block': 3,
  'task.unblock': 2.5,
  'task.cancel': 1.5,
  'task.retry': 2,
  'task.confirm': 1.5,
  'task.timeout': 2,
  'dependency.add': 7,
  'dependency.remove': 2.5,
  'plan.apply': 3,
  'message.send': 0.6,
  'message.read': 0.4,
  'update.broadcast': 0.4,
  'assistance.request': 0.6,
  'assistance.answer': 0.5,
  'assistance.close': 0.3,
  'state.put': 1,
  'state.delete': 0.6,
  'file.report': 0.6,
  'file.watch': 0.5,
  'conflict.report': 0.5,
  'conflict.resolve': 0.3,
  'conflict.expire': 0.3,
  'conflict.contend': 0.5,
  'artifact.store': 1.5,
  'artifact.delete': 0.7,
  'branch.report': 3,
  'reservation.request': 7,
  'reservation.release': 2.5,
  'reservation.force': 0.3,
  'reservation.expire': 0.7,
  'worktree.report': 3,
};
// Keys of a record typed by the names are the names.
const NAMES = Object.keys(WEIGHTS) as LaneCommandName[];
const TOTAL = NAMES.reduce((sum, name) => sum + WEIGHTS[name], 0);

const drawCommand = ({ random }: World): LaneCommandName => {
  let left = random.next() * TOTAL;
  for (const name of NAMES) {
    left -= WEIGHTS[name];
    if (left < 0) return name;
  }
  return 'task.next';
};

const awake = (world: World): Actor | undefined => {
  const here = world.actors.filter(({ isCrashed }) => !isCrashed);
  return world.random.maybe(here);
};

const openTasks = (world: World): number => {
  let open = 0;
  for (const { condition } of world.model.tasks.values())
    if (condition !== 'completed' && condition !== 'cancelled') open++;
  return open;
};

const drawOne = (world: World): Asked | undefined => {
  const actor = awake(world);
  if (!actor) return undefined;
  if (world.model.isArchived && world.random.chance(0.3))
    return ask(world, 'project.update', { status: 'active' });
  if (actor.sessionId === undefined && world.random.chance(0.6))
    return askAnything(world, 'agent.register', actor);
  const name = drawCommand(world);
  if (name === 'session.expire' && world.isRealTime) return undefined;
  const isGrowing = name === 'task.create' || name === 'plan.apply';
  if (isGrowing && openTasks(world) >= OPEN_TASKS_WANTED) return askAnything(world, 'task.next', actor);
  return askAnything(world, name, actor);
};

/** A file is sent whole, in part, or again over one that was sent before; what is visible must not change by it. */
export const upload = async (world: World): Promise<void> => {
  const { random, store, projectId, model } = world;
  if (model.seq === 0) return;
  const again = random.chance(0.2) ? random.maybe(world.uploads)?.artifactId : undefined;
  const artifactId = again ?? world.newId();
  const bytes = random.below(100_000);
  const sha256 = random
    .below(2 ** 32)
    .toString(16)
    .padStart(64, '0');
  const key = { keyId: 'simulated', wrapped: new Uint8Array([1]) };
  const begun = await store.artifacts.begin({ projectId, artifactId, bytes, bytesMax: 10 ** 9, key });
  insist(
    (begun.outcome === 'stored') === model.artifacts.has(artifactId),
    () => `an upload of ${artifactId}: ${begun.outcome}`,
  );
  if (begun.outcome !== 'begun') return;
  await store.artifacts.append(begun.upload, 0, [new Uint8Array([random.below(256)])]);
  if (random.chance(0.8)) await store.artifacts.finish(begun.upload, sha256);
  world.uploads.push({ artifactId, bytes, sha256 });
};

/** A batch of commands of whoever is awake, to one replica. */
export const work = async (world: World): Promise<void> => {
  if (world.random.chance(0.1)) await upload(world);
  const size = 1 + world.random.below(5);
  const batch = Array.from({ length: size }, () => drawOne(world)).filter((one) => one !== undefined);
  if (batch.length > 0) await deliver(world, batch);
};

/** Agents that are awake renew their leases, as heartbeats do. */
const renew = async (world: World): Promise<void> => {
  const sessions = world.actors.flatMap(({ isCrashed, sessionId }) =>
    isCrashed || sessionId === undefined ? [] : [{ projectId: world.projectId, sessionId }],
  );
  await world.store.renewLeases(sessions);
  for (const { sessionId } of sessions) {
    const session = world.model.sessions.get(sessionId);
    if (session?.isLive) session.leaseUntil = world.now + session.leaseMs;
  }
};

const passTime = async (world: World): Promise<void> => {
  const { random } = world;
  if (random.chance(0.8)) await renew(world);
  if (random.chance(0.8)) world.now += random.below(8_000);
  else if (random.chance(0.9)) world.now += random.below(1_800_000);
  else world.now += random.below(30 * 3_600_000);
};

const expire = async (world: World): Promise<void> => {
  const expired = await world.store.expiredSessions(1 + world.random.below(10));
  for (const { sessionId } of expired) {
    const session = world.model.sessions.get(sessionId);
    insist(
      session?.isLive === true && session.leaseUntil < world.now,
      () => `the store calls session ${sessionId} expired: ${session?.leaseUntil} at ${world.now}`,
    );
  }
  const batch = expired.map(({ sessionId }) => ask(world, 'session.expire', { sessionId }));
  await deliver(
    world,
    batch.filter((one) => one !== undefined),
  );
};

/** The sweep: expired sessions end, silent holders are asked or lose their task. */
const sweep = async (world: World): Promise<void> => {
  await expire(world);
  const held = [...world.model.tasks.values()].filter(({ condition }) => condition === 'held');
  const batch = held.map(({ id, epoch }) => ask(world, 'task.timeout', { taskId: id, epoch }));
  await deliver(
    world,
    batch.filter((one) => one !== undefined),
  );
};

const crash = async (world: World): Promise<void> => {
  const actor = awake(world);
  if (actor && world.actors.filter(({ isCrashed }) => !isCrashed).length > 1) actor.isCrashed = true;
};

/** A crashed agent comes back and goes on as if nothing had happened: its first calls show what it believes. */
const rise = async (world: World): Promise<void> => {
  const zombie = world.random.maybe(world.actors.filter(({ isCrashed }) => isCrashed));
  if (!zombie) return;
  zombie.isCrashed = false;
  const names = ['task.complete', 'task.progress', 'task.fail', 'task.next'] as const;
  const batch = names.map((name) => askAnything(world, name, zombie)).filter((one) => one !== undefined);
  await deliver(world, batch);
};

/** Answers were lost: the same commands come again, with the same ids, and get the same answers. */
export const retry = async (world: World): Promise<void> => {
  const lost = world.lost.splice(0, 1 + world.random.below(3));
  const replies = await deliver(world, lost, false);
  lost.forEach((one, at) => {
    world.stats.retries++;
    const reply = replies[at];
    const events = 'refusal' in one.reply ? [] : one.reply.events;
    const isJudged = !(reply && 'refusal' in reply && reply.refusal === 'idempotency_key_expired');
    if (events.length > 0 && isJudged)
      insist(
        JSON.stringify(reply && 'events' in reply ? reply.events : reply) === JSON.stringify(events),
        () =>
          `${one.sent.command.name} repeated answers ${JSON.stringify(reply)}, not ${JSON.stringify(events)}`,
      );
    else if (events.length > 0) hear(one, one.reply);
  });
};

/** A hub notes that it serves; after a gap without any, leases are longer by it. */
const beat = async (world: World): Promise<void> => {
  const gapMs = 120_000;
  const gap = world.lastBeat === undefined ? 0 : world.now - world.lastBeat;
  const told = await world.store.beat(gapMs);
  insist(told === gap, () => `the store tells a gap of ${told} ms, not ${gap}`);
  world.lastBeat = world.now;
  if (gap <= gapMs) return;
  for (const session of world.model.sessions.values()) if (session.isLive) session.leaseUntil += gap;
};

const restart = async (world: World): Promise<void> => world.random.maybe(world.hubs)?.restart();

const trim = async (world: World): Promise<void> => {
  await world.store.trimLog(world.now - IDEMPOTENCY_MS - world.random.below(3_600_000));
};

const sweepUploads = async (world: World): Promise<void> => {
  await world.store.artifacts.sweep(world.random.below(60_000), 10);
};

const STEPS: readonly (readonly [weight: number, step: (world: World) => Promise<void>])[] = [
  [60, work],
  [14, passTime],
  [7, sweep],
  [4, crash],
  [4, rise],
  [6, retry],
  [4, restart],
  [1, beat],
  [1, trim],
  [1, sweepUploads],
];
const STEPS_TOTAL = STEPS.reduce((sum, [weight]) => sum + weight, 0);

export const takeStep = async (world: World): Promise<void> => {
  let left = world.random.next() * STEPS_TOTAL;
  for (const [weight, step] of STEPS) {
    left -= weight;
    if (left < 0) return step(world);
  }
};
