import { connectHub, createAgent } from '@agentmix/act-client';
import type { Hub } from '@agentmix/act-client';
import { setTimeout as sleep } from 'node:timers/promises';
import { judgeExpiries } from '../checkers/leases.ts';
import { readHistory } from '../history/read.ts';
import { HubProcess } from '../processes/hub.ts';
import { defineRow } from '../row.ts';
import type { RowContext } from '../row.ts';
import { addTasks, openScene, waitUntil } from '../scene.ts';
import type { HubScene } from '../scene.ts';

type Names =
  | 'rounds'
  | 'lease-ms'
  | 'lock-ms'
  | 'bystanders'
  | 'bystander-lease-ms'
  | 'deaths'
  | 'stalls'
  | 'stall-ms';
type Context = RowContext<Names>;

const STALLED_AGENTS = 12;
const NEWBORN_AGENTS = 6;
const BEAT_MS_MAX = 10_000;

const URL_OF_SOCKET = (socketDir: string): string =>
  `postgres://act_app@/act?host=${encodeURIComponent(socketDir)}&port=5432`;

/** Beats at a third of the lease, as the SDK does, through the history. */
const beat = async (
  scene: HubScene,
  sessionId: string,
  everyMs: number,
  isOver: () => boolean,
): Promise<void> => {
  while (!isOver()) {
    await scene.client.command('agent.heartbeat', scene.projectId, { sessionId }, { timeoutMs: BEAT_MS_MAX });
    await sleep(everyMs * (0.8 + Math.random() * 0.4));
  }
};

/**
 * A healthy agent with a short lease, whose row another transaction keeps locked for longer than the lease. Its
 * renewal waits for the lock at one hub, and the other hub, which sees the lease run out, waits behind it.
 */
const contend = async ({ sizes }: Context, scene: HubScene, other: Hub, round: number): Promise<void> => {
  const leaseMs = sizes['lease-ms'];
  const agentId = `healthy-${round}`;
  const registered = await scene.client.command('agent.register', scene.projectId, { agentId, leaseMs });
  if (!registered.ok) throw new Error(`not registered: ${registered.refusal.code}`);
  const { sessionId } = registered.value;
  // Whatever the other hub commits is decided on the log's end: now it knows the session, and will judge it.
  await other.command('state.put', scene.projectId, { key: 'round', value: round });
  let isOver = false;
  const beating = beat(scene, sessionId, leaseMs / 3, () => isOver).catch(() => undefined);
  await sleep(leaseMs * (0.5 + Math.random() * 0.5));
  await scene.database.lockSessions([sessionId], sizes['lock-ms'] * (0.8 + Math.random() * 0.4));
  await sleep(leaseMs);
  isOver = true;
  await beating;
  await scene.client.command('agent.disconnect', scene.projectId, { sessionId });
};

/**
 * Agents that register while nothing can be committed for longer than their lease: it begins when they are told of
 * it, not when they asked, so that whoever then beats in time is never expired.
 */
const bornLate = async ({ sizes }: Context, scene: HubScene, round: number): Promise<void> => {
  const leaseMs = sizes['lease-ms'];
  const locking = scene.database.lockProject(scene.projectId, sizes['lock-ms']);
  await sleep(50);
  const agents = Array.from({ length: NEWBORN_AGENTS }, async (_, at) => {
    const agentId = `newborn-${round}-${at}`;
    const registered = await scene.client.command('agent.register', scene.projectId, { agentId, leaseMs });
    if (!registered.ok) throw new Error(`not registered: ${registered.refusal.code}`);
    const { sessionId } = registered.value;
    let isOver = false;
    await sleep((leaseMs / 3) * (0.8 + Math.random() * 0.4));
    const beating = beat(scene, sessionId, leaseMs / 3, () => isOver).catch(() => undefined);
    await sleep(leaseMs);
    isOver = true;
    await beating;
    await scene.client.command('agent.disconnect', scene.projectId, { sessionId });
  });
  await Promise.all([locking, ...agents]);
};

/**
 * Healthy agents while their only hub is stalled for almost as long as their lease: heartbeats sent in time wait in
 * its sockets, and have to be heard before anybody is judged.
 */
const stall = async ({ sizes }: Context, scene: HubScene): Promise<void> => {
  const leaseMs = 2 * sizes['lease-ms'];
  let isOver = sizes.stalls === 0;
  const beating = Array.from({ length: isOver ? 0 : STALLED_AGENTS }, async (_, at) => {
    const agentId = `stalled-${at}`;
    const registered = await scene.client.command('agent.register', scene.projectId, { agentId, leaseMs });
    if (registered.ok) await beat(scene, registered.value.sessionId, leaseMs / 3, () => isOver);
  });
  for (let count = 0; count < sizes.stalls; count++) {
    await sleep(leaseMs * (0.6 + Math.random() * 0.4));
    await scene.hub.stall(sizes['stall-ms']);
  }
  await sleep(sizes.stalls === 0 ? 0 : leaseMs);
  isOver = true;
  await Promise.allSettled(beating);
  for (let at = 0; at < beating.length; at++) await endSession(scene, `stalled-${at}`);
};

/** Registers and leaves, so that no session of the agent is left that may fall silent. */
const endSession = async (scene: HubScene, agentId: string): Promise<void> => {
  const registered = await scene.client.command('agent.register', scene.projectId, { agentId });
  if (!registered.ok) return;
  const { sessionId } = registered.value;
  await scene.client.command('agent.disconnect', scene.projectId, { sessionId });
};

/** Agents with ordinary leases and heartbeats that work all the while, and must never be expired. */
const startBystanders = async ({ sizes, stage }: Context, scene: HubScene): Promise<void> => {
  for (let at = 0; at < sizes.bystanders; at++) {
    const agent = createAgent({
      hub: scene.client,
      projectId: scene.projectId,
      agentId: `bystander-${at}`,
      leaseMs: sizes['bystander-lease-ms'],
    });
    await agent.register();
    await agent.nextTask();
    stage.onClose(() => agent.disconnect());
  }
};

/** Agents that fall silent: each has to be expired, not before its lease is over and at most 2 s later. */
const dieInTurn = async ({ sizes }: Context, scene: HubScene): Promise<string[]> => {
  const sessions: string[] = [];
  for (let death = 0; death < sizes.deaths; death++) {
    const registered = await scene.client.command('agent.register', scene.projectId, {
      agentId: `dying-${death}`,
      leaseMs: sizes['lease-ms'],
    });
    if (registered.ok) sessions.push(registered.value.sessionId);
    await sleep(Math.random() * 400);
  }
  return sessions;
};

export const t05 = defineRow<Names>({
  name: 'T05',
  summary: 'leases: renewals race with expiry at two hubs while rows are locked; none early, none late',
  sizes: {
    rounds: [60, 10],
    'lease-ms': [1_000, 1_000],
    'lock-ms': [1_600, 1_600],
    bystanders: [16, 8],
    'bystander-lease-ms': [8_000, 8_000],
    deaths: [40, 10],
    stalls: [20, 3],
    'stall-ms': [1_800, 1_800],
  },
  run: async (context) => {
    const { sizes, stage, log } = context;
    const scene = await openScene(stage, { maxAttempts: 100 });
    const { database, projectId } = scene;
    await stall(context, scene);
    // A second hub on the same database: no agent talks to it, but it sweeps.
    const second = await HubProcess.start(stage, 'hub2', URL_OF_SOCKET(scene.hub.socketDir), scene.hub.keys);
    const other = connectHub({ url: second.url, token: second.token });
    stage.onClose(() => other.close());
    await addTasks(
      scene,
      Array.from({ length: sizes.bystanders }, (_, at) => ({ key: `b${at}`, title: 'work' })),
    );
    await startBystanders(context, scene);
    for (let round = 1; round <= sizes.rounds; round++) {
      await contend(context, scene, other, round);
      await bornLate(context, scene, round);
      if (round % 10 === 0) log(`${round} rounds`);
    }
    const dead = await dieInTurn(context, scene);
    const areOver = async () => (await database.countLiveSessions(projectId, dead)) === 0;
    const isOver = await waitUntil(areOver, sizes['lease-ms'] + 10_000);
    const { calls } = await readHistory(stage.dir);
    const events = await database.log(projectId);
    const leaseOf = new Map(
      events.flatMap((event) =>
        event.type === 'agent.registered' ? [[event.data.sessionId, event.data.leaseMs] as const] : [],
      ),
    );
    const expiries = judgeExpiries(events, calls, (sessionId) => leaseOf.get(sessionId) ?? 0);
    const names = events.flatMap((event) =>
      event.type === 'agent.disconnected' && event.data.reason === 'expired' ? [event.agentId ?? ''] : [],
    );
    const figures = {
      rounds: sizes.rounds,
      stalls: sizes.stalls,
      heartbeats: calls.filter(({ name, type }) => name === 'agent.heartbeat' && type === 'ok').length,
      earlyExpiries: expiries.early,
      healthyExpired: names.filter((name) => !name.startsWith('dying')).length,
      late: expiries.late,
      deaths: dead.length,
      expired: names.length,
      expiryAgeMs: [expiries.earliestMs, expiries.latestMs],
    };
    const passed =
      isOver &&
      expiries.early === 0 &&
      figures.healthyExpired === 0 &&
      expiries.late === 0 &&
      expiries.expired === dead.length;
    return { ...figures, passed };
  },
});
