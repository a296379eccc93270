import { connectHub } from '@agentmix/act-client';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { judgeAnswers } from '../checkers/answers.ts';
import { judgeGrants } from '../checkers/grants.ts';
import { percentile } from '../checkers/percentile.ts';
import { judgeStreams } from '../checkers/streams.ts';
import { readHistory } from '../history/read.ts';
import type { Call } from '../history/read.ts';
import type { HubProcess } from '../processes/hub.ts';
import { makeRelease } from '../processes/release.ts';
import { startWorkers } from '../processes/start-workers.ts';
import { defineRow } from '../row.ts';
import type { RowContext } from '../row.ts';
import { openFleetScene, waitUntil } from '../scene.ts';
import type { FleetScene } from '../scene.ts';
import { subscribe } from '../subscribers.ts';
import type { Subscriber } from '../subscribers.ts';

type Names = 'replicas' | 'deploys' | 'callers' | 'workers' | 'calm-ms' | 'lease-ms' | 'drain-ms-max';
type Context = RowContext<Names>;

/** Above every number that a release will have. */
const FIRST_NUMBER = 900_001;
/** Tables that every batch reads or writes. */
const TABLES = ['tasks', 'sessions', 'log', 'projects', 'agents'] as const;
const PAUSE_MS = 10;

/** A change of a table in three releases: a column is added, filled for the rows that are there, and taken away. */
const migrationOf = (deploy: number): { readonly text: string; readonly isExpand: boolean } => {
  const change = Math.floor(deploy / 3);
  const table = `act.${TABLES[change % TABLES.length]}`;
  const column = `deployed_${change}`;
  switch (deploy % 3) {
    case 0:
      return { isExpand: true, text: `-- expand\nalter table ${table} add column ${column} text;\n` };
    case 1: {
      // As migration 8 does it: forced row-level security binds the owner too.
      const fill = `update ${table} set ${column} = 'filled' where ${column} is null;`;
      const [off, on] = ['no force', 'force'].map(
        (word) => `alter table ${table} ${word} row level security;`,
      );
      return { isExpand: true, text: `-- expand\n${off}\n${fill}\n${on}\n` };
    }
    default:
      return { isExpand: false, text: `alter table ${table} drop column ${column};\n` };
  }
};

/** Callers through the SDK that create work and read, a call after another, and are recorded. */
const startCallers = ({ sizes }: Context, scene: FleetScene) => {
  let [isStopping, failedReads] = [false, 0];
  const call = async (caller: number): Promise<void> => {
    for (let at = 0; !isStopping; at++) {
      // A call that fails is in the history, where it is counted.
      await scene.client
        .command('task.create', scene.projectId, { title: `${caller}-${at}` })
        .catch(() => undefined);
      const read = await scene.quiet
        .query('project.get', scene.projectId, {})
        .catch(() => ({ ok: false }) as const);
      if (!read.ok) failedReads++;
      await sleep(PAUSE_MS);
    }
  };
  const calling = Array.from({ length: sizes.callers }, (_, caller) => call(caller));
  return {
    stop: async (): Promise<number> => {
      isStopping = true;
      await Promise.all(calling);
      return failedReads;
    },
  };
};

const startSubscribers = ({ stage }: Context, { hub, projectId }: FleetScene): Subscriber[] =>
  (['sse', 'socket.io'] as const).map((transport) => {
    const { url, token } = hub;
    const client = connectHub({ url, token, retry: { delayMsMin: 20, delayMsMax: 400 } });
    stage.onClose(() => client.close());
    return subscribe(stage.dir, `subscriber-${transport}`, client, projectId, transport);
  });

/**
 * Replaces all hubs one after another, so that old and new serve together, under a schema that only the new ones know.
 * An old one dies meanwhile and comes back beside it, where the schema only grew.
 */
const deploy = async (hubs: readonly HubProcess[], program: string, isExpand: boolean, calmMs: number) => {
  const drains: number[] = [];
  for (const [at, hub] of hubs.entries()) {
    drains.push(await hub.replace(program));
    await sleep(calmMs);
    if (at === 0 && isExpand) await hubs.at(-1)?.killAndRestart();
  }
  return drains;
};

const deployAll = async ({ sizes, stage, log }: Context, { hub }: FleetScene): Promise<number[]> => {
  const drains: number[] = [];
  const migrations = new Map<string, string>();
  for (let at = 0; at < sizes.deploys; at++) {
    const { text, isExpand } = migrationOf(at);
    migrations.set(`${FIRST_NUMBER + at}.sql`, text);
    const program = await makeRelease(join(stage.dir, `release${at}`), migrations);
    drains.push(...(await deploy(hub.hubs, program, isExpand, sizes['calm-ms'])));
    log(`deployed ${at + 1} times, ended within ${Math.max(...drains)} ms`);
  }
  return drains;
};

/** Milliseconds that answered calls took, waiting for work apart. */
const latencies = (calls: readonly Call[]): number[] =>
  calls.flatMap(({ name, invokedAt, endedAt }) =>
    endedAt === undefined || name === 'task.next' ? [] : [endedAt - invokedAt],
  );

const judge = async (
  { sizes, stage }: Context,
  scene: FleetScene,
  subscribers: readonly Subscriber[],
  drains: readonly number[],
  failedReads: number,
) => {
  const { calls, notes } = await readHistory(stage.dir);
  const log = await scene.database.log(scene.projectId);
  const grants = judgeGrants(log);
  const answers = judgeAnswers(calls, log, grants);
  const names = subscribers.map(({ name }) => name);
  const streams = judgeStreams(notes, names, log.length);
  const applied = await scene.database.rows<{ count: string }>(
    'select count(*) from act.migrations where number >= $1',
    [FIRST_NUMBER],
  );
  const figures = {
    deploys: sizes.deploys,
    migrations: Number(applied[0]?.count),
    replaced: drains.length,
    failedCalls: calls.filter(({ type }) => type !== 'ok').length + failedReads,
    drainP50Ms: percentile(drains, 0.5),
    drainMaxMs: percentile(drains, 1),
    callP99Ms: percentile(latencies(calls), 0.99),
    callMaxMs: percentile(latencies(calls), 1),
    lostAcknowledged: answers.lostAcknowledged,
    doubleGrants: grants.doubleGrants + answers.doubleGrants,
    staleAccepted: grants.staleInLog + answers.staleAccepted,
    streamFaults: streams.missing + streams.duplicates + streams.outOfOrder + streams.gaps,
    calls: calls.length,
    events: log.length,
  };
  const { failedCalls, lostAcknowledged, doubleGrants, staleAccepted, streamFaults } = figures;
  const isClean = failedCalls + lostAcknowledged + doubleGrants + staleAccepted + streamFaults === 0;
  const isDeployed = figures.migrations === sizes.deploys && calls.length > 0;
  return { ...figures, passed: isClean && isDeployed && figures.drainMaxMs <= sizes['drain-ms-max'] };
};

export const t22 = defineRow<Names>({
  name: 'T22',
  summary: 'rolling deploys of replicas, each with a schema change, old and new together: no call fails',
  sizes: {
    replicas: [3, 3],
    deploys: [20, 3],
    callers: [4, 2],
    workers: [4, 2],
    'calm-ms': [500, 200],
    'lease-ms': [10_000, 10_000],
    'drain-ms-max': [10_000, 10_000],
  },
  run: async (context) => {
    const { sizes, stage } = context;
    const settings = { leaseMs: sizes['lease-ms'], maxAttempts: 100 };
    const scene = await openFleetScene(stage, sizes.replicas, settings);
    const subscribers = startSubscribers(context, scene);
    const callers = startCallers(context, scene);
    const workers = await startWorkers(stage, scene, sizes.workers, sizes['lease-ms']);
    const drains = await deployAll(context, scene);
    const failedReads = await callers.stop();
    await Promise.all(workers.map((worker) => worker.stop()));
    const last = await scene.database.lastSeq(scene.projectId);
    await waitUntil(async () => subscribers.every(({ cursor }) => cursor() >= last), 20_000);
    await Promise.all(subscribers.map((subscriber) => subscriber.stop()));
    return judge(context, scene, subscribers, drains, failedReads);
  },
});
