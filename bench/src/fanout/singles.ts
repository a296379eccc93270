import { Crowd } from '../load/crowd.ts';
import { HubCaller } from '../load/hub-caller.ts';
import type { LaunchedHub } from '../load/launch-hub.ts';
import { readyTasks, registerAgents, seedProject } from '../load/project.ts';
import { alternate, median, percentile, postgresCpuUs, processCpuUs } from '../measure/index.ts';
import type { Case, Report } from '../measure/index.ts';
import type { FanoutEnvironment, FanoutSizes } from './fanout.ts';

export interface Delays {
  /** From the call to the last subscriber's receipt, all rounds together. */
  p50Ms: number;
  p90Ms: number;
  p99Ms: number;
  /** From the call to its answer. */
  replyP50Ms: number;
}

export interface SingleFigures {
  /** Median of the rounds' ratios of p50, embedded database ÷ memory store. */
  ratioToMemory: number;
  ratiosOfRounds: number[];
  postgres: Delays;
  memory: Delays;
  report: Report;
}

interface Stage {
  name: string;
  hub: LaunchedHub;
  crowd: Crowd;
  caller: HubCaller;
  /** Claims the next task, and waits until everybody has seen it; the times of the answer and of that, in ms. */
  claim: () => Promise<{ replyMs: number; seenMs: number }>;
}

async function makeStage(name: string, hub: LaunchedHub, sizes: FanoutSizes): Promise<Stage> {
  const { subscribers, rounds, claims, warmup } = sizes;
  const caller = await HubCaller.open(hub);
  const projectId = await seedProject(caller, { open: warmup + rounds * claims });
  const [sessionId = ''] = await registerAgents(caller, projectId, 1);
  const taskIds = (await readyTasks(caller, projectId)).reverse();
  const crowd = await Crowd.gather('sse', subscribers, hub, projectId);
  let seq = (await caller.query('project.get', projectId, {})).seq;
  const claim: Stage['claim'] = async () => {
    seq += 1;
    const start = performance.now();
    const seen = crowd.seen(seq).then(() => performance.now() - start);
    const answer = await caller.send('task.claim', projectId, { taskId: taskIds.pop() ?? '', sessionId });
    const replyMs = performance.now() - start;
    if (answer.status !== 200 || answer.seq !== seq)
      throw new Error(
        `expected event ${seq}, was answered ${answer.status} at ${answer.seq}: ${answer.body}`,
      );
    return { replyMs, seenMs: await seen };
  };
  return { name, hub, crowd, caller, claim };
}

/** Times of every round are added to `all`. */
function caseOf(stage: Stage, claims: number, all: { replyMs: number; seenMs: number }[]): Case {
  return {
    name: stage.name,
    run: async () => {
      const own: typeof all = [];
      const { pid, databasePid } = stage.hub;
      const dbBefore = databasePid === undefined ? 0 : postgresCpuUs(databasePid);
      const before = processCpuUs(pid);
      const start = performance.now();
      for (let number = 0; number < claims; number += 1) own.push(await stage.claim());
      const seconds = (performance.now() - start) / 1_000;
      const nodeCpuUs = processCpuUs(pid) - before;
      all.push(...own);
      const result = { count: claims, seconds, latenciesMs: own.map(({ seenMs }) => seenMs), nodeCpuUs };
      return databasePid === undefined
        ? result
        : { ...result, dbCpuUs: postgresCpuUs(databasePid) - dbBefore };
    },
  };
}

const delaysOf = (all: readonly { replyMs: number; seenMs: number }[]): Delays => {
  const seen = all.map(({ seenMs }) => seenMs);
  return {
    p50Ms: percentile(seen, 0.5),
    p90Ms: percentile(seen, 0.9),
    p99Ms: percentile(seen, 0.99),
    replyP50Ms: median(all.map(({ replyMs }) => replyMs)),
  };
};

/** Claims one at a time, each until the last subscriber has it, on both hubs in turn. */
export async function measureSingles(
  { hub, sizes, print }: FanoutEnvironment,
  memoryHub: LaunchedHub,
): Promise<SingleFigures> {
  const memory = await makeStage('memory store', memoryHub, sizes);
  const postgres = await makeStage('embedded PostgreSQL', hub, sizes);
  const ofMemory: { replyMs: number; seenMs: number }[] = [];
  const ofPostgres: typeof ofMemory = [];
  try {
    for (const stage of [memory, postgres]) await caseOf(stage, sizes.warmup, []).run();
    const cases = [caseOf(memory, sizes.claims, ofMemory), caseOf(postgres, sizes.claims, ofPostgres)];
    const report = await alternate(cases, { rounds: sizes.rounds, unit: 'claims', print });
    const [memoryRounds, postgresRounds] = report.cases.map(({ rounds }) =>
      rounds.map(({ p50Ms }) => p50Ms ?? 0),
    );
    const ratiosOfRounds = (postgresRounds ?? []).map(
      (p50, round) => p50 / (memoryRounds?.[round] ?? Number.NaN),
    );
    return {
      ratioToMemory: median(ratiosOfRounds),
      ratiosOfRounds,
      postgres: delaysOf(ofPostgres),
      memory: delaysOf(ofMemory),
      report,
    };
  } finally {
    for (const { crowd, caller } of [memory, postgres]) {
      crowd.disperse();
      caller.close();
    }
  }
}
