import { connectHub } from '@agentmix/act-client';
import { setTimeout as sleep } from 'node:timers/promises';
import { judgeAnswers } from '../checkers/answers.ts';
import { judgeGrants } from '../checkers/grants.ts';
import { countStuck } from '../checkers/leases.ts';
import { percentile } from '../checkers/percentile.ts';
import { judgeStreams } from '../checkers/streams.ts';
import { readHistory } from '../history/read.ts';
import type { Call } from '../history/read.ts';
import type { Outage } from '../processes/hub.ts';
import { Worker } from '../processes/worker.ts';
import { defineRow } from '../row.ts';
import type { RowContext } from '../row.ts';
import { subscribeRaw } from '../raw-subscribers.ts';
import { addTasks, openSceneOf, settleRows, waitUntil } from '../scene.ts';
import type { Scene } from '../scene.ts';
import { subscribe } from '../subscribers.ts';
import type { Subscriber } from '../subscribers.ts';

type Names =
  | 'hubs'
  | 'tasks'
  | 'hub-kills'
  | 'database-kills'
  | 'agent-kills'
  | 'agents'
  | 'agents-per-process'
  | 'writers'
  | 'lease-ms'
  | 'work-ms-min'
  | 'work-ms-max'
  | 'calm-ms-max'
  | 'recovery-ms-max';
type Context = RowContext<Names>;

const startWorkers = async ({ sizes, stage }: Context, scene: Scene): Promise<Worker[]> => {
  const perProcess = sizes['agents-per-process'];
  const workers = Array.from({ length: Math.ceil(sizes.agents / perProcess) }, (_, at) => {
    const count = Math.min(perProcess, sizes.agents - at * perProcess);
    return new Worker(stage, `worker${at}`, {
      url: scene.hub.url,
      token: scene.hub.token,
      projectId: scene.projectId,
      transport: at % 2 === 0 ? 'rest' : 'socket.io',
      agentIds: Array.from({ length: count }, (__, index) => `agent-${at}-${index}`),
      leaseMs: sizes['lease-ms'],
      workMs: [sizes['work-ms-min'], sizes['work-ms-max']],
      giveBackShare: 0.02,
    });
  });
  await Promise.all(workers.map((worker) => worker.start()));
  return workers;
};

/** Through the SDK, and raw where it does not speak the protocol. */
const startSubscribers = ({ stage }: Context, scene: Scene): Subscriber[] => [
  ...(['sse', 'socket.io', 'sse', 'socket.io'] as const).map((transport, at) => {
    const retry = { delayMsMin: 20, delayMsMax: 400 };
    const hub = connectHub({ url: scene.hub.url, token: scene.hub.token, retry });
    stage.onClose(() => hub.close());
    return subscribe(stage.dir, `subscriber${at}`, hub, scene.projectId, transport);
  }),
  ...(['graphql over sse', 'graphql over websocket'] as const).map((transport, at) => {
    const address = { url: scene.hub.url, token: scene.hub.token };
    return subscribeRaw(stage.dir, `graphql${at}`, address, scene.projectId, transport);
  }),
];

/** Writers besides the agents keep a commit under way at every moment, so that a kill always hits one. */
const startWriters = ({ sizes }: Context, scene: Scene): { stop: () => Promise<void> } => {
  let isStopping = false;
  const write = async (writer: number): Promise<void> => {
    for (let value = 0; !isStopping; value++) {
      const entry = { key: `writer-${writer}`, value };
      await scene.client.command('state.put', scene.projectId, entry).catch(() => undefined);
      await sleep(5);
    }
  };
  const writing = Array.from({ length: sizes.writers }, (_, writer) => write(writer));
  return {
    stop: async () => {
      isStopping = true;
      await Promise.all(writing);
    },
  };
};

/** One wave of tasks; every fifth waits for the one before it. */
const wave = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({
    key: `t${first + index}`,
    title: `task ${first + index}`,
    dependsOn: index % 5 === 4 ? [`t${first + index - 1}`] : [],
  }));

const torment = async (
  { sizes, log }: Context,
  scene: Scene,
  workers: readonly Worker[],
): Promise<number> => {
  const kills = sizes['hub-kills'];
  const everyDatabase = Math.max(1, Math.floor(kills / Math.max(1, sizes['database-kills'])));
  let added = 0;
  let agentKills = 0;
  for (let kill = 1; kill <= kills; kill++) {
    // One wave is left for after the last kill, whose recovery is measured too.
    const due = Math.floor((sizes.tasks * kill) / (kills + 1));
    await addTasks(scene, wave(added, due - added));
    added = due;
    const agentsDue = Math.floor((sizes['agent-kills'] * kill) / kills);
    const killAgents = async (): Promise<void> => {
      for (; agentKills < agentsDue; agentKills++)
        await workers[Math.floor(Math.random() * workers.length)]?.killAndRestart();
    };
    // Agents die before, while and after the hub does.
    const killing = killAgents();
    await sleep(Math.random() * sizes['calm-ms-max']);
    const withDatabase = sizes['database-kills'] > 0 && kill % everyDatabase === 0;
    await scene.hub.killAndRestart(withDatabase);
    scene.recorder.note('outage', scene.hub.outages.at(-1));
    await killing;
    if (kill % 10 === 0) log(`${kill} hub kills, ${agentKills} agent kills, ${added} tasks`);
  }
  await addTasks(scene, wave(added, sizes.tasks - added));
  return agentKills;
};

/** From each kill of the hub to the next claim that anybody was granted; calls begun before do not count. */
const recoveries = (calls: readonly Call[], outages: readonly Outage[]): number[] => {
  const granted = calls
    .filter(({ name, type, output }) => name === 'task.next' && type === 'ok' && 'claim' in output)
    .map(({ endedAt }) => endedAt ?? 0)
    .sort((a, b) => a - b);
  return outages.flatMap(({ killedAt, servedAt }) => {
    // An answer may still arrive in the moment of the kill; the next hub's come after its start.
    const next = granted.find((time) => time > Math.min(servedAt, killedAt + 50));
    return next === undefined ? [] : [next - killedAt];
  });
};

const judge = async (
  { sizes, stage }: Context,
  scene: Scene,
  subscribers: readonly Subscriber[],
  agentKills: number,
  endedAt: number,
  /** Where the log ended when the subscribers left: sessions of killed agents expire after that, too. */
  followed: number,
) => {
  const { calls, notes } = await readHistory(stage.dir);
  const log = await scene.database.log(scene.projectId);
  await settleRows(scene);
  const rows = await scene.database.tasks(scene.projectId);
  const grants = judgeGrants(log);
  const answers = judgeAnswers(calls, log, grants);
  const streams = judgeStreams(
    notes,
    subscribers.map(({ name }) => name),
    followed,
  );
  const { outages } = scene.hub;
  const plain = outages.filter(({ withDatabase }) => !withDatabase);
  const completedOnce = rows.filter(
    ({ id, status }) => status === 'completed' && grants.completions.get(id) === 1,
  ).length;
  const figures = {
    tasks: sizes.tasks,
    completedOnce,
    doubleGrants: grants.doubleGrants + answers.doubleGrants,
    lostEvents: streams.missing + Math.max(0, answers.seqMax - log.length),
    disorderedEvents: streams.duplicates + streams.outOfOrder + streams.gaps,
    staleAccepted: answers.staleAccepted + grants.staleInLog,
    lostAcknowledged: answers.lostAcknowledged,
    stuck: countStuck(grants, calls, outages, endedAt),
    reexecutions: grants.all.length - sizes.tasks,
    hubKills: outages.length,
    databaseKills: outages.length - plain.length,
    agentKills,
    recoveryP50Ms: percentile(recoveries(calls, plain), 0.5),
    recoveryP99Ms: percentile(recoveries(calls, plain), 0.99),
    restartP50Ms: percentile(
      plain.map(({ killedAt, servedAt }) => servedAt - killedAt),
      0.5,
    ),
    databaseRecoveryMaxMs: percentile(
      recoveries(
        calls,
        outages.filter((one) => one.withDatabase),
      ),
      1,
    ),
    events: log.length,
    calls: calls.length,
    acknowledged: calls.filter(({ type }) => type === 'ok').length,
    unknown: calls.filter(({ type }) => type === 'info').length,
  };
  const passed =
    completedOnce === sizes.tasks &&
    figures.doubleGrants === 0 &&
    figures.lostEvents === 0 &&
    figures.disorderedEvents === 0 &&
    figures.staleAccepted === 0 &&
    figures.lostAcknowledged === 0 &&
    figures.stuck === 0 &&
    figures.recoveryP99Ms <= sizes['recovery-ms-max'];
  return { ...figures, passed };
};

export const t01 = defineRow<Names>({
  name: 'T01',
  summary: 'claims survive: hubs, databases and agents are killed at random moments under load',
  sizes: {
    hubs: [1, 1],
    tasks: [5_000, 500],
    'hub-kills': [200, 20],
    'database-kills': [20, 5],
    'agent-kills': [100, 10],
    agents: [32, 12],
    'agents-per-process': [2, 3],
    writers: [4, 4],
    'lease-ms': [4_000, 4_000],
    'work-ms-min': [10, 10],
    'work-ms-max': [200, 200],
    'calm-ms-max': [3_000, 1_200],
    'recovery-ms-max': [3_000, 3_000],
  },
  run: async (context) => {
    const scene = await openSceneOf(context.sizes.hubs, context.stage, {
      leaseMs: context.sizes['lease-ms'],
      maxAttempts: 100,
    });
    const subscribers = startSubscribers(context, scene);
    const writers = startWriters(context, scene);
    const workers = await startWorkers(context, scene);
    const agentKills = await torment(context, scene, workers);
    const { database, projectId } = scene;
    const done = async () => (await database.countTasks(projectId, 'completed')) === context.sizes.tasks;
    if (!(await waitUntil(done, 60_000))) context.log('not every task was completed within a minute');
    const endedAt = Date.now();
    await writers.stop();
    await Promise.all(workers.map((worker) => worker.stop()));
    const last = await database.lastSeq(projectId);
    await waitUntil(async () => subscribers.every(({ cursor }) => cursor() >= last), 20_000);
    await Promise.all(subscribers.map((subscriber) => subscriber.stop()));
    return judge(context, scene, subscribers, agentKills, endedAt, last);
  },
});
