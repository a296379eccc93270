import pg from 'pg';
import { Database } from '../checkers/database.ts';
import { createProject, startCrowd } from '../processes/crowd.ts';
import { DatabaseServer } from '../processes/database-server.ts';
import { HubProcess } from '../processes/hub.ts';
import type { Stage } from '../processes/stage.ts';
import { defineRow } from '../row.ts';
import { SlowReader } from '../wire/slow-reader.ts';

type Names = 'listeners' | 'agents' | 'warm-ms' | 'rounds' | 'phase-ms';

const RATE_RATIO_MIN = 0.9;
const CLAIM_RATIO_MAX = 3;
const STALL_MS_MAX = 10_000;
/** Below this a ratio of two latencies says more about the timer than about the hub. */
const FLOOR_MS = 5;
/** The database ends transactions that are idle for 10 s. */
const STATEMENT_EVERY_MS = 2_000;

/** Others on the database: who listens, who writes without end, who looks at one moment of it. */
interface Others {
  /** Transactions that are open still. */
  readonly open: () => Promise<number>;
  readonly leave: () => Promise<void>;
}

/** One transaction that is kept open by a statement now and then; answers whether it is. */
const keepOpen = async (
  client: pg.Client,
  begin: string,
  statement: string,
): Promise<{ isOpen: () => Promise<boolean>; end: () => void }> => {
  await client.query(begin);
  await client.query(statement);
  let isOpen = true;
  const timer = setInterval(
    () => void client.query(statement).catch(() => (isOpen = false)),
    STATEMENT_EVERY_MS,
  );
  return {
    isOpen: async () => isOpen && (await client.query('select 1')).rowCount === 1,
    end: () => clearInterval(timer),
  };
};

const invite = async (socketDir: string, listeners: number): Promise<Others> => {
  const connect = async (): Promise<pg.Client> => {
    const client = new pg.Client({ host: socketDir, port: 5432, user: 'postgres', database: 'act' });
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  const listening = await Promise.all(Array.from({ length: listeners }, connect));
  for (const client of listening) await client.query('listen act_log');
  const [writer, reader] = [await connect(), await connect()];
  await writer.query(
    'create table if not exists torture_notes (id bigint generated always as identity, note text)',
  );
  const writes = await keepOpen(writer, 'begin', `insert into torture_notes (note) values ('open')`);
  const reads = await keepOpen(
    reader,
    'begin isolation level repeatable read',
    'select count(*) from act.tasks',
  );
  return {
    open: async () => [await writes.isOpen(), await reads.isOpen()].filter(Boolean).length,
    leave: async () => {
      writes.end();
      reads.end();
      await Promise.all([...listening, writer, reader].map((client) => client.end()));
    },
  };
};

const setScene = async (stage: Stage, listeners: number) => {
  const settings = { max_connections: String(listeners + 40) };
  const server = await DatabaseServer.start(stage, settings);
  const { databaseUrl, migrateUrl } = server.urls;
  const hub = await HubProcess.start(stage, 'hub', databaseUrl, { ACT_MIGRATE_URL: migrateUrl });
  const database = new Database(server.socketDir);
  stage.onClose(() => database.close());
  return { server, hub, database };
};

export const t15 = defineRow<Names>({
  name: 'T15',
  summary:
    'the database in company: idle listeners, a transaction that writes without end, one that reads an old moment',
  sizes: {
    listeners: [100, 100],
    agents: [32, 32],
    'warm-ms': [10_000, 4_000],
    // Alone and in company in turn: a machine that others use gets faster and slower from one moment to the next.
    rounds: [3, 5],
    'phase-ms': [60_000, 2_500],
  },
  run: async ({ sizes, stage, log }) => {
    const { server, hub, database } = await setScene(stage, sizes.listeners);
    const projectId = await createProject(hub, 'company');
    const crowd = await startCrowd(stage, hub, projectId);
    const stream = new SlowReader(hub, projectId);
    const work = async (name: string, ms: number) => {
      stream.silenceMsMax = 0;
      const commitsBefore = await database.countRecords(projectId);
      const figures = await crowd.run({ agents: sizes.agents, pauseMs: 0, ms, settleMs: 0 });
      const commitsPerSecond = ((await database.countRecords(projectId)) - commitsBefore) / (ms / 1_000);
      log(`${name}: ${Math.round(commitsPerSecond)} commits/s ${JSON.stringify(figures)}`);
      return { ...figures, commitsPerSecond, stallMs: Math.round(stream.silenceMsMax) };
    };
    await work('warm', sizes['warm-ms']);
    const alone = [await work('alone', sizes['phase-ms'])];
    const among: typeof alone = [];
    let openTransactions = 0;
    for (let round = 0; round < sizes.rounds; round++) {
      const others = await invite(server.socketDir, sizes.listeners);
      among.push(await work('in company', sizes['phase-ms']));
      openTransactions += await others.open();
      await others.leave();
      alone.push(await work('alone', sizes['phase-ms']));
    }
    stream.stop();
    /** Of each round, what came out beside what came out just before and just after; the one in the middle. */
    const beside = (value: (one: (typeof alone)[number]) => number, floor = 0): number => {
      const ratios = among.map((one, at) => {
        const around = [alone[at], alone[at + 1]].map((other) => (other ? value(other) : 0));
        return value(one) / Math.max(floor, around.reduce((sum, each) => sum + each, 0) / 2);
      });
      return Math.round(100 * (ratios.sort((one, two) => one - two)[ratios.length >> 1] ?? 0)) / 100;
    };
    const meanOf = (all: typeof alone, value: (one: (typeof alone)[number]) => number): number =>
      Math.round(all.reduce((sum, one) => sum + value(one), 0) / all.length);
    const both = (value: (one: (typeof alone)[number]) => number) => [
      meanOf(alone, value),
      meanOf(among, value),
    ];
    const figures = {
      commitsPerSecond: both((one) => one.commitsPerSecond),
      tasksPerSecond: both((one) => one.completedPerSecond),
      commitsRatio: beside((one) => one.commitsPerSecond),
      tasksRatio: beside((one) => one.completedPerSecond),
      claimP99Ms: both((one) => one.claimP99Ms),
      claimP99Ratio: beside((one) => one.claimP99Ms, FLOOR_MS),
      stallMs: Math.max(...among.map(({ stallMs }) => stallMs)),
      gaps: stream.gaps,
      openTransactions,
      errors: [...alone, ...among].reduce((sum, { errors }) => sum + errors, 0),
    };
    const passed =
      // A batch more or less is not what callers feel: the tasks they get done are.
      Math.min(figures.commitsRatio, figures.tasksRatio) >= RATE_RATIO_MIN &&
      figures.claimP99Ratio <= CLAIM_RATIO_MAX &&
      figures.stallMs <= STALL_MS_MAX &&
      figures.openTransactions === 2 * sizes.rounds &&
      figures.gaps + figures.errors === 0;
    return { ...figures, passed };
  },
});
