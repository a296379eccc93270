import {
  CONFLICT_TYPES,
  FILE_CHANGE_KINDS,
  keyStatement,
  MEMBER_KINDS,
  MESSAGE_TYPES,
  ROLES,
  toBase64Url,
  URGENCIES,
} from '@agentmix/act-contract';
import type { Capability, CommandArguments } from '@agentmix/act-contract';
import type { LaneCommandName } from '@agentmix/act-core';
import { makeSigner } from '../signatures.ts';
import {
  activePhase,
  anyAgent,
  anyKey,
  anyMember,
  anyPhase,
  anyReservation,
  grant,
  oneOf,
  openTask,
  session,
  taskIn,
  unknownId,
} from './choose-id.ts';
import { anyRegion } from './regions.ts';
import { anyReport } from './reports.ts';
import { HOSTILE_TEXTS, anyText, longText } from './texts.ts';
import type { Actor, StagedUpload, World } from './world.ts';

type MakeInput<N extends LaneCommandName> = (world: World, actor: Actor) => CommandArguments<N>;

export const SKILLS = ['ts', 'sql', 'go', 'constructor', '__proto__'] as const;
const AGENTS = ['ada', 'bob', 'cleo', 'dan', 'eve', 'fay'] as const;
const KEYS = 24;

const requirements = (world: World): Capability[] =>
  world.random.some(SKILLS, 2).map((name) => ({ name, level: world.random.below(60) }));

export const capabilities = (world: World): Capability[] =>
  world.random.some(SKILLS, 5).map((name) => ({ name, level: 20 + world.random.below(81) }));

const body = (world: World) => {
  const { random } = world;
  return {
    title: anyText(random, 'task'),
    ...(random.chance(0.3) ? { description: anyText(random, 'what to do') } : {}),
    ...(random.chance(0.3) ? { type: random.chance(0.3) ? random.pick(HOSTILE_TEXTS) : 'review' } : {}),
    ...(random.chance(0.5) ? { priority: random.below(5) } : {}),
    ...(random.chance(0.5) ? { estimatedTime: 1 + random.below(240) } : {}),
    requires: random.chance(0.6) ? [] : requirements(world),
    ...(random.chance(0.2) ? { filePaths: [anyText(random, 'src/file')] } : {}),
  };
};

const planTask = (world: World, number: number, phases: readonly string[]) => {
  const { random } = world;
  // Mostly on earlier ones; the rest makes cycles, and keys that nobody has.
  const wanted = (): string =>
    `k${random.chance(0.93) ? random.below(Math.max(1, number)) : random.below(KEYS + 2)}`;
  const own = `k${number}`;
  return {
    key: own,
    ...body(world),
    ...(random.chance(0.75) && phases.length > 0 ? { phase: random.maybe(phases) ?? 'p0' } : {}),
    dependsOn: random.chance(0.6)
      ? []
      : [wanted(), wanted()].filter((key) => key !== own || random.chance(0.1)),
    ...(random.chance(0.15) ? { status: random.pick(['completed', 'cancelled'] as const) } : {}),
  };
};

const plan: MakeInput<'plan.apply'> = (world) => {
  const { random } = world;
  const phases = Array.from({ length: random.below(4) }, (_, at) => ({
    key: `p${at}`,
    name: anyText(random, 'phase'),
    ...(random.chance(0.3) ? { description: anyText(random, 'about') } : {}),
    dependsOn: at > 0 && random.chance(0.75) ? [`p${random.below(random.chance(0.95) ? at : 5)}`] : [],
  }));
  const known = [...world.model.phases.values()].flatMap(({ key }) => key ?? []);
  const keys = [...phases.map(({ key }) => key), ...known];
  const first = random.below(KEYS - 8);
  const chosen = Array.from({ length: random.below(7) }, (_, at) => first + at);
  return { phases, tasks: chosen.map((number) => planTask(world, number, keys)) };
};

const createTask: MakeInput<'task.create'> = (world) => {
  const { random } = world;
  return {
    ...body(world),
    ...(random.chance(0.2) ? { key: `k${random.below(KEYS)}` } : {}),
    ...(random.chance(0.6) && world.model.phases.size > 0 ? { phaseId: activePhase(world) } : {}),
    dependencies: random.chance(0.5) ? [] : [openTask(world), openTask(world)],
  };
};

const settings = (world: World): CommandArguments<'project.update'>['settings'] => {
  const { random } = world;
  return {
    ...(random.chance(0.5) ? { policy: random.pick(['flow', 'weighted'] as const) } : {}),
    ...(random.chance(0.4) ? { maxAttempts: 1 + random.below(4) } : {}),
    ...(random.chance(0.2) ? { silenceMs: 60_000 * (1 + random.below(20)) } : {}),
    ...(random.chance(0.1) ? { openTasksMax: 10 + random.below(60) } : {}),
    ...(random.chance(0.2) ? { leaseMs: 1_000 * (1 + random.below(60)) } : {}),
  };
};

const checkpoint = (world: World) =>
  world.random.chance(0.5)
    ? { checkpoint: { note: anyText(world.random, 'so far'), commit: 'abcdef0' } }
    : {};

const json = (world: World) => ({ said: anyText(world.random, 'value'), list: [1, null, { deep: true }] });

const letter = (world: World, actor: Actor) => ({
  sessionId: session(world, actor),
  content: json(world),
  messageType: world.random.pick(MESSAGE_TYPES),
  urgency: world.random.pick(URGENCIES),
  ...(world.random.chance(0.3) ? { taskId: openTask(world) } : {}),
});

/** New keys each time; now and then the proof is one for another agent. */
const keys: MakeInput<'agent.publish_keys'> = (world, actor) => {
  const { random } = world;
  const signer = makeSigner(random.below(200));
  const sealingKey = toBase64Url(new Uint8Array(32).fill(random.below(200)));
  const own = { sealingKey, signingKey: signer.signingKey };
  const agentId = random.chance(0.9) ? actor.agentId : 'nobody';
  const proof = signer.sign(keyStatement(world.projectId, agentId, own));
  return { sessionId: session(world, actor), ...own, proof };
};

const stateKey = (world: World): string =>
  world.random.chance(0.3) ? world.random.pick(HOSTILE_TEXTS) : `key${world.random.below(6)}`;

const expectedVersion = (world: World, key: string): { expectedVersion?: number } => {
  const { random, model } = world;
  if (random.chance(0.5)) return {};
  return { expectedVersion: random.chance(0.8) ? (model.stateKeys.get(key) ?? 0) : random.below(50) };
};

const someHash = (world: World): string =>
  world.random
    .below(2 ** 31)
    .toString(16)
    .padStart(64, '0');

const member: MakeInput<'member.put'> = (world) => {
  const { random } = world;
  return {
    memberId: random.chance(0.5) ? world.newId() : anyMember(world),
    kind: random.pick(MEMBER_KINDS),
    role: random.pick(ROLES),
    ...(random.chance(0.5) ? { agentId: random.pick(AGENTS) } : {}),
    ...(random.chance(0.3) ? { name: anyText(random, 'somebody') } : {}),
    ...(random.chance(0.3) ? { writePaths: ['src/**', random.pick(HOSTILE_TEXTS)] } : {}),
  };
};

/** Mostly an upload that is complete; now and then one with another hash, or none at all. */
const anyUpload = (world: World): StagedUpload => {
  const known = world.random.chance(0.95) ? world.random.maybe(world.uploads) : undefined;
  const upload = known ?? { artifactId: unknownId(world), bytes: 1, sha256: 'a'.repeat(64) };
  return world.random.chance(0.95) ? upload : { ...upload, sha256: 'b'.repeat(64) };
};

/** Few commits, so that some are reported again; they touch and name what simulated tasks do. */
const mainCommit = (world: World) => ({
  commit: world.random.below(400).toString(16).padStart(40, '0'),
  ...(world.random.chance(0.5) ? { paths: ['src/file', 'src/other'] } : {}),
  ...(world.random.chance(0.5) ? { mentions: [openTask(world), `k${world.random.below(KEYS)}`] } : {}),
});

/** Input for every command of the table; the type makes a new command fail to compile until it is here. */
export const inputs: { readonly [N in LaneCommandName]: MakeInput<N> } = {
  'project.create': () => ({ name: 'a second one' }),
  'project.update': (world) => ({
    ...(world.random.chance(0.3) ? { name: anyText(world.random, 'project') } : {}),
    ...(world.random.chance(0.3) ? { description: anyText(world.random, 'about') } : {}),
    ...(world.random.chance(0.1) ? { status: 'archived' as const } : {}),
    settings: settings(world),
  }),
  'project.milestone': (world) => ({
    name: anyText(world.random, 'milestone'),
    ...(world.random.chance(0.3) ? { phaseId: anyPhase(world) } : {}),
  }),
  'member.put': member,
  'member.remove': (world) => ({ memberId: anyMember(world) }),
  'privacy.erase': (world) => ({ memberId: anyMember(world) }),
  'key.create': (world) => ({
    memberId: anyMember(world),
    secretHash: someHash(world),
    ...(world.random.chance(0.5) ? { label: anyText(world.random, 'ci'), role: 'viewer' as const } : {}),
    ...(world.random.chance(0.3) ? { expiresAt: new Date(world.now + 60_000).toISOString() } : {}),
  }),
  'key.rotate': (world) => ({
    keyId: anyKey(world),
    secretHash: someHash(world),
    ...(world.random.chance(0.3) ? { expiresAt: new Date(world.now + 60_000).toISOString() } : {}),
  }),
  'key.revoke': (world) => ({ keyId: anyKey(world) }),
  'access.note': (world) => ({
    memberId: anyMember(world),
    operation: 'task.create',
    code: 'forbidden',
    count: 1 + world.random.below(9),
  }),
  'owner.admit': (world) => ({
    memberId: world.newId(),
    keyId: world.newId(),
    secretHash: someHash(world),
  }),
  'phase.create': (world) => ({
    name: anyText(world.random, 'phase'),
    ...(world.random.chance(0.3) ? { key: `p${world.random.below(5)}` } : {}),
    ...(world.random.chance(0.1) ? { ownerAgentId: anyAgent(world) } : {}),
    dependencies: world.random.some([...world.model.phases.keys()], 2),
  }),
  'phase.update': (world) => ({
    phaseId: anyPhase(world),
    name: anyText(world.random, 'phase'),
    ...(world.random.chance(0.2) ? { ownerAgentId: anyAgent(world) } : {}),
  }),
  'phase.complete': (world) => ({ phaseId: anyPhase(world) }),
  'agent.register': (world, actor) => ({
    agentId: actor.agentId,
    capabilities: [...actor.capabilities],
    ...(world.random.chance(0.5) ? { kind: 'script' } : {}),
    ...(world.random.chance(0.5) ? { leaseMs: 1_000 * (1 + world.random.below(60)) } : {}),
    ...(world.random.chance(0.2) ? { resume: true } : {}),
  }),
  'agent.disconnect': (world, actor) => ({ sessionId: session(world, actor) }),
  'agent.publish_keys': keys,
  'session.expire': (world, actor) => ({ sessionId: session(world, actor) }),
  'task.create': createTask,
  'task.update': (world) => ({ taskId: openTask(world), ...body(world) }),
  'task.next': (world, actor) => ({ sessionId: session(world, actor) }),
  'task.claim': (world, actor) => ({ taskId: taskIn(world, 'ready'), sessionId: session(world, actor) }),
  'task.progress': (world, actor) => ({
    ...grant(world, actor),
    percent: world.random.below(101),
    ...checkpoint(world),
  }),
  'task.complete': (world, actor) => ({
    ...grant(world, actor),
    ...(world.random.chance(0.3) ? { result: json(world) } : {}),
    ...(world.random.chance(0.3)
      ? { evidence: { checks: [{ name: anyText(world.random, 'tests'), passed: world.random.chance(0.9) }] } }
      : {}),
  }),
  'task.fail': (world, actor) => ({
    ...grant(world, actor),
    reason: world.random.chance(0.05) ? longText(world.random, 4_096) : anyText(world.random, 'broken'),
    ...checkpoint(world),
  }),
  'task.release': (world, actor) => ({
    ...grant(world, actor),
    ...(world.random.chance(0.5) ? { note: anyText(world.random, 'no time') } : {}),
    ...checkpoint(world),
  }),
  'task.block': (world, actor) => ({
    ...grant(world, actor),
    reason: anyText(world.random, 'needs'),
    ...(world.random.chance(0.3) ? { waitingFor: anyAgent(world) } : {}),
  }),
  'task.unblock': (world) => ({ taskId: taskIn(world, 'blocked') }),
  'task.cancel': (world) => ({ taskId: openTask(world), reason: anyText(world.random, 'not needed') }),
  'task.retry': (world) => ({ taskId: taskIn(world, 'parked') }),
  'task.timeout': (world) => {
    const taskId = taskIn(world, 'held');
    const epoch = world.model.tasks.get(taskId)?.epoch ?? 1;
    return { taskId, epoch: Math.max(1, world.random.chance(0.9) ? epoch : epoch - 1) };
  },
  'dependency.add': (world) => ({ taskId: openTask(world), dependsOn: openTask(world) }),
  'dependency.remove': (world) => {
    const taskId = openTask(world);
    const own = [...(world.model.tasks.get(taskId)?.dependencies ?? [])];
    return { taskId, dependsOn: world.random.maybe(own) ?? openTask(world) };
  },
  'plan.apply': plan,
  'message.send': (world, actor) => ({ ...letter(world, actor), to: anyAgent(world) }),
  'message.read': (world, actor) => ({
    sessionId: session(world, actor),
    messageIds: [oneOf(world, world.model.messages), oneOf(world, world.model.messages)],
  }),
  'update.broadcast': (world, actor) => letter(world, actor),
  'assistance.request': (world, actor) => ({
    sessionId: session(world, actor),
    question: anyText(world.random, 'how'),
    requires: requirements(world),
  }),
  'assistance.answer': (world, actor) => ({
    sessionId: session(world, actor),
    requestId: oneOf(world, [...world.model.requests]),
    accepted: world.random.chance(0.5),
  }),
  'assistance.close': (world, actor) => ({
    sessionId: session(world, actor),
    requestId: oneOf(world, [...world.model.requests]),
  }),
  'state.put': (world) => {
    const key = stateKey(world);
    return { key, value: json(world), ...expectedVersion(world, key) };
  },
  'state.delete': (world) => {
    const key = stateKey(world);
    return { key, ...(world.random.chance(0.2) ? { expectedVersion: 1 + world.random.below(50) } : {}) };
  },
  'file.report': (world, actor) => ({
    sessionId: session(world, actor),
    ...(world.random.chance(0.5) ? { taskId: openTask(world) } : {}),
    changes: [
      {
        path: `src/${world.random.below(9)}.ts`,
        kind: world.random.pick(FILE_CHANGE_KINDS),
        checksum: 'ab12',
      },
      { path: world.random.pick(HOSTILE_TEXTS), kind: 'modified' as const },
    ],
  }),
  'file.watch': (world, actor) => ({ sessionId: session(world, actor), patterns: ['src/**', '{a,b}*'] }),
  'conflict.report': (world) => ({
    conflictType: world.random.pick(CONFLICT_TYPES),
    involvedAgents: [anyAgent(world), anyAgent(world)],
    description: anyText(world.random, 'both edit'),
  }),
  'artifact.store': (world, actor) => {
    const { artifactId, bytes, sha256 } = anyUpload(world);
    return {
      artifactId,
      bytes,
      sha256,
      name: anyText(world.random, 'patch').replaceAll(/[^\p{L}\p{N} ]/gu, '_') || 'patch',
      ...(world.random.chance(0.5) ? { taskId: openTask(world) } : {}),
      ...(world.random.chance(0.8) ? { sessionId: session(world, actor) } : {}),
    };
  },
  'artifact.delete': (world, actor) => ({
    artifactId: oneOf(world, [...world.model.artifacts]),
    ...(world.random.chance(0.3) ? { sessionId: session(world, actor) } : {}),
  }),
  'branch.report': (world, actor) => ({
    branch: anyText(world.random, 'main'),
    commits: Array.from({ length: 1 + world.random.below(3) }, () => mainCommit(world)),
    ...(world.random.chance(0.5) ? { sessionId: session(world, actor) } : {}),
  }),
  'task.confirm': (world, actor) => ({
    taskId: openTask(world),
    ...(world.random.chance(0.5) ? { sessionId: session(world, actor) } : {}),
  }),
  'reservation.request': (world, actor) => ({
    sessionId: session(world, actor),
    ...(world.random.chance(0.3) ? { taskId: openTask(world) } : {}),
    regions: Array.from({ length: 1 + world.random.below(3) }, () => anyRegion(world.random)),
    mode: world.random.chance(0.7) ? ('exclusive' as const) : ('shared' as const),
    wait: world.random.chance(0.6),
    ...(world.random.chance(0.2) ? { reason: anyText(world.random, 'edit') } : {}),
  }),
  'reservation.release': (world, actor) => ({
    sessionId: session(world, actor),
    ...(world.random.chance(0.4) ? { reservationIds: [anyReservation(world)] } : {}),
    ...(world.random.chance(0.4) ? { paths: ['src/1.ts', 'src/**'] } : {}),
    committed: world.random.chance(0.5),
  }),
  'reservation.force': (world) => ({
    reservationIds: [anyReservation(world)],
    reason: anyText(world.random, 'urgent'),
  }),
  'reservation.expire': (world) => ({ reservationIds: [anyReservation(world), anyReservation(world)] }),
  'worktree.report': anyReport,
  'conflict.resolve': (world) => ({
    conflictId: oneOf(world, [...world.model.conflicts]),
    ...(world.random.chance(0.5)
      ? { choose: world.random.pick(['carry_on', 'preempt', 'leave']) }
      : { resolution: json(world) }),
  }),
  'conflict.contend': (world, actor) => ({
    wantedBy: session(world, actor),
    ...(world.random.chance(0.5) ? { reservationId: anyReservation(world) } : {}),
  }),
  'conflict.expire': (world) => ({ conflictId: oneOf(world, [...world.model.conflicts]) }),
};

export const AGENT_IDS: readonly string[] = AGENTS;
