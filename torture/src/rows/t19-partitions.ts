import { connectHub } from '@agentmix/act-client';
import { setTimeout as sleep } from 'node:timers/promises';
import { uuidv7 } from 'uuidv7';
import { judgeAnswers } from '../checkers/answers.ts';
import { judgeGrants } from '../checkers/grants.ts';
import { countRepeated } from '../checkers/once.ts';
import { judgeStreams } from '../checkers/streams.ts';
import { readHistory } from '../history/read.ts';
import { Recorder } from '../history/recorder.ts';
import { recordingRest } from '../history/recording-rest.ts';
import { connectionsOf } from '../network/connections.ts';
import { faultsOf } from '../network/faults.ts';
import type { Fault } from '../network/faults.ts';
import { heldBy, openWorld } from '../network/world.ts';
import type { PlacedHub, World } from '../network/world.ts';
import { startWorkers } from '../processes/start-workers.ts';
import type { Worker } from '../processes/worker.ts';
import { defineRow } from '../row.ts';
import type { RowContext } from '../row.ts';
import { openProject, waitUntil } from '../scene.ts';
import { subscribe } from '../subscribers.ts';
import type { Subscriber } from '../subscribers.ts';

type Names = 'cuts' | 'cut-ms' | 'calm-ms' | 'workers' | 'lease-ms' | 'detected-ms-max' | 'leaked-ms-max';
type Context = RowContext<Names>;
type Scene = Awaited<ReturnType<typeof openProject<PlacedHub['hub']>>>;

const PROBE_MS = 100;
const RECOVERY_WAIT_MS = 60_000;

/** One call of a prober: to which hub, and when it was answered, whatever the answer. Epoch milliseconds. */
interface Probe {
  readonly hub: PlacedHub;
  readonly sentAt: number;
  readonly answeredAt: number;
  readonly isOk: boolean;
}

/** Callers that write through each hub, a call after another, tried once, until they are answered. */
const startProbers = ({ stage }: Context, { hubs }: World, projectId: string) => {
  const probes: Probe[] = [];
  let isStopping = false;
  const probing = hubs.map(async (placed, at) => {
    const recorder = new Recorder(stage.dir, `prober${at}`);
    while (!isStopping) {
      const sentAt = Date.now();
      const input = { title: `probe ${sentAt}` };
      const call = { name: 'task.create', projectId, input, commandId: uuidv7() } as const;
      const { type } = await recordingRest(recorder, placed.hub, call);
      probes.push({ hub: placed, sentAt, answeredAt: Date.now(), isOk: type === 'ok' });
      await sleep(PROBE_MS);
    }
    recorder.close();
  });
  return {
    probes,
    stop: async () => {
      isStopping = true;
      await Promise.all(probing);
    },
  };
};

const startSubscribers = ({ stage }: Context, { hubs }: World, projectId: string): Subscriber[] =>
  hubs.flatMap(({ hub: { url, token } }, at) =>
    (['sse', 'socket.io'] as const).map((transport) => {
      const client = connectHub({ url, token, retry: { delayMsMin: 20, delayMsMax: 400 } });
      stage.onClose(() => client.close());
      return subscribe(stage.dir, `subscriber${at}-${transport}`, client, projectId, transport);
    }),
  );

/** What a cut did. Milliseconds. */
interface Cut {
  readonly fault: Fault;
  readonly cutAt: number;
  readonly healedAt: number;
  /** From the end of the cut until the hub wrote something, and all streams were up with what was written by then. */
  readonly recoveryMs: number;
}

const recover = async (
  scene: Scene,
  { victim }: Fault,
  healedAt: number,
  probes: readonly Probe[],
  subscribers: readonly Subscriber[],
): Promise<number> => {
  const writes = (): boolean =>
    probes.some(({ hub, isOk, answeredAt }) => hub === victim && isOk && answeredAt > healedAt);
  await waitUntil(async () => writes(), RECOVERY_WAIT_MS, 20);
  const seq = await scene.database.lastSeq(scene.projectId);
  const isUp = await waitUntil(
    async () => writes() && subscribers.every(({ cursor }) => cursor() >= seq),
    RECOVERY_WAIT_MS,
    20,
  );
  return isUp ? Date.now() - healedAt : Number.POSITIVE_INFINITY;
};

const cutAll = async (
  { sizes, log }: Context,
  world: World,
  scene: Scene,
  workers: ReadonlyMap<PlacedHub, readonly Worker[]>,
  subscribers: readonly Subscriber[],
  probes: readonly Probe[],
): Promise<Cut[]> => {
  const cuts: Cut[] = [];
  for (const fault of faultsOf(world, sizes.cuts)) {
    const { victim, directions, how, dies } = fault;
    await sleep(sizes['calm-ms']);
    const cutAt = Date.now();
    world.network.cut(directions, how);
    if (dies === 'hub') {
      await victim.hub.kill();
      world.network.forgetConnections(victim.host);
    }
    if (dies === 'agents') await Promise.all((workers.get(victim) ?? []).map((one) => one.killAndRestart()));
    await sleep(sizes['cut-ms']);
    world.network.heal();
    if (dies === 'hub') await victim.hub.restart();
    const healedAt = Date.now();
    const recoveryMs = await recover(scene, fault, healedAt, probes, subscribers);
    cuts.push({ fault, cutAt, healedAt, recoveryMs });
    log(`${fault.name}: recovered in ${recoveryMs} ms`);
  }
  return cuts;
};

/** The longest that a caller of the hub waited for any answer while the hub was cut off from its database. */
const longestWait = (cuts: readonly Cut[], probes: readonly Probe[]): number =>
  Math.max(
    0,
    ...cuts
      .filter(({ fault }) => fault.isOfDatabase && fault.dies === undefined)
      .flatMap(({ fault, cutAt, healedAt }) =>
        probes
          .filter(({ hub, sentAt }) => hub === fault.victim && sentAt < healedAt)
          .filter(({ answeredAt }) => answeredAt > cutAt)
          .map(({ sentAt, answeredAt }) => answeredAt - Math.max(sentAt, cutAt)),
      ),
  );

/** Connections that one side keeps although the other is gone, once all callers have left. */
const leakedNow = async (world: World, scene: Scene): Promise<string[]> => {
  const rows = await scene.database.rows<{ client_addr: string; client_port: number }>(
    `select host(client_addr) as client_addr, client_port from pg_stat_activity where client_addr is not null`,
  );
  // Connections of this process are used again after a while, and are none of the hub's leaks.
  const own = connectionsOf(process.pid).map(({ localPort }) => localPort);
  return world.hubs.flatMap((placed, at) => {
    const { fromAgents, toDatabase } = heldBy(placed);
    const ofServer = rows
      .filter(({ client_addr }) => client_addr === placed.host.address)
      .map(({ client_port }) => client_port);
    return [
      ...fromAgents
        .filter((port) => !own.includes(port))
        .map((port) => `hub ${at + 1} keeps a caller's port ${port}`),
      ...ofServer.filter((port) => !toDatabase.includes(port)).map((port) => `the database keeps ${port}`),
      ...toDatabase.filter((port) => !ofServer.includes(port)).map((port) => `hub ${at + 1} keeps ${port}`),
    ];
  });
};

const judge = async (
  { sizes, stage }: Context,
  scene: Scene,
  subscribers: readonly Subscriber[],
  cuts: readonly Cut[],
  probes: readonly Probe[],
  leaked: readonly string[],
) => {
  const { calls, notes } = await readHistory(stage.dir);
  const log = await scene.database.log(scene.projectId);
  const grants = judgeGrants(log);
  const answers = judgeAnswers(calls, log, grants);
  const names = subscribers.map(({ name }) => name);
  const followed = Math.min(...subscribers.map(({ cursor }) => cursor()));
  const streams = judgeStreams(notes, names, followed);
  const detectedMaxMs = longestWait(cuts, probes);
  const recoveryMaxMs = Math.max(...cuts.map(({ recoveryMs }) => recoveryMs));
  const figures = {
    cuts: cuts.length,
    detectedMaxMs,
    recoveryMaxMs,
    leaked,
    lostAcknowledged: answers.lostAcknowledged,
    carriedOutTwice: countRepeated(log),
    doubleGrants: grants.doubleGrants + answers.doubleGrants,
    staleAccepted: grants.staleInLog + answers.staleAccepted,
    streamFaults: streams.missing + streams.duplicates + streams.outOfOrder + streams.gaps,
    events: log.length,
    calls: calls.length,
    unknown: calls.filter(({ type }) => type === 'info').length,
  };
  const { lostAcknowledged, carriedOutTwice, doubleGrants, staleAccepted, streamFaults } = figures;
  const violations = lostAcknowledged + carriedOutTwice + doubleGrants + staleAccepted + streamFaults;
  const isInTime = Math.max(detectedMaxMs, recoveryMaxMs) <= sizes['detected-ms-max'];
  return { ...figures, passed: violations === 0 && leaked.length === 0 && isInTime && cuts.length > 0 };
};

export const t19 = defineRow<Names>({
  name: 'T19',
  summary: 'hubs, their database and agents are cut off from each other, wholly, one way, or by lossy lines',
  sizes: {
    cuts: [30, 2],
    'cut-ms': [10_000, 10_000],
    'calm-ms': [3_000, 1_500],
    workers: [2, 1],
    'lease-ms': [20_000, 20_000],
    'detected-ms-max': [15_000, 15_000],
    'leaked-ms-max': [30_000, 30_000],
  },
  run: async (context) => {
    const { sizes, stage, log } = context;
    const world = await openWorld(stage, log);
    const [first] = world.hubs;
    if (!first) throw new Error('no hub');
    const settings = { leaseMs: sizes['lease-ms'], maxAttempts: 100 };
    const scene = await openProject(stage, first.hub, settings, world.database.socketDir);
    const { projectId } = scene;
    const subscribers = startSubscribers(context, world, projectId);
    const workers = new Map<PlacedHub, Worker[]>();
    for (const [at, placed] of world.hubs.entries()) {
      const { hub } = placed;
      const started = await startWorkers(
        stage,
        { hub, projectId },
        sizes.workers,
        sizes['lease-ms'],
        `hub${at}w`,
      );
      workers.set(placed, started);
    }
    const probers = startProbers(context, world, projectId);
    const cuts = await cutAll(context, world, scene, workers, subscribers, probers.probes);
    await probers.stop();
    await Promise.all([...workers.values()].flat().map((worker) => worker.stop()));
    const last = await scene.database.lastSeq(projectId);
    await waitUntil(async () => subscribers.every(({ cursor }) => cursor() >= last), 20_000);
    await Promise.all(subscribers.map((subscriber) => subscriber.stop()));
    await scene.quiet.close();
    await waitUntil(async () => (await leakedNow(world, scene)).length === 0, sizes['leaked-ms-max'], 500);
    return judge(context, scene, subscribers, cuts, probers.probes, await leakedNow(world, scene));
  },
});
