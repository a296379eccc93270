import { setTimeout as delay } from 'node:timers/promises';

import { HubCaller } from '../load/hub-caller.ts';
import { launchHub, withDirectory } from '../load/launch-hub.ts';
import type { LaunchedHub } from '../load/launch-hub.ts';
import { seedProject } from '../load/project.ts';
import {
  describeHost,
  makePrint,
  percentile,
  processCpuUs,
  processMemoryMb,
  publish,
  readFlags,
} from '../measure/index.ts';
import type { Bound, Host, Published } from '../measure/index.ts';
import { connectAgents } from './agents.ts';

const DEFAULTS = { open: 10_000, completed: 90_000, agents: 200, rate: 50, seconds: 60, callers: 32 };
const RSS_MB_MAX = 256;
const NEXT_P99_MS_MAX = 20;
const SAMPLE_MS = 250;

type Sizes = typeof DEFAULTS;

interface WorkFigures {
  nextP50Ms: number;
  nextP99Ms: number;
  completeP50Ms: number;
  completeP99Ms: number;
  claimsPerSecond: number;
  framesReceived: number;
  /** Share of one core that the hub's process used while it was worked with. */
  cpuShare: number;
}

interface MemoryFigures {
  /** Median of the hub's resident memory while it was worked with; embedded database not counted. */
  rssMb: number;
  /** Highest since the hub started. */
  rssMbPeak: number;
  rssMbAfterLoad: number;
  rssMbWithAgents: number;
}

export interface SizeFigures extends WorkFigures, MemoryFigures {
  bench: 'size';
  host: Host;
  sizes: Sizes;
  /** From the start of the hub's process until it serves. */
  startMs: number;
  /** First command on the project after a cold start: reads the project from the database. */
  loadMs: number;
  /** The process that took the plan, at its end. */
  seedSeconds: number;
  rssMbPeakWhileSeeding: number;
}

async function seed(
  dataDir: string,
  sizes: Sizes,
): Promise<{ projectId: string } & Pick<SizeFigures, 'seedSeconds' | 'rssMbPeakWhileSeeding'>> {
  const hub = await launchHub('postgres', dataDir);
  try {
    const start = performance.now();
    const caller = await HubCaller.open(hub);
    const projectId = await seedProject(caller, sizes);
    caller.close();
    const seedSeconds = (performance.now() - start) / 1_000;
    return { projectId, seedSeconds, rssMbPeakWhileSeeding: processMemoryMb(hub.pid).rssMbPeak };
  } finally {
    await hub.stop();
  }
}

async function claimAndComplete(
  caller: HubCaller,
  projectId: string,
  sessionId: string,
  took: { next: number[]; complete: number[] },
): Promise<void> {
  const start = performance.now();
  const { claim } = await caller.command('task.next', projectId, { sessionId });
  const claimed = performance.now();
  if (!claim) throw new Error('there was no task');
  const { taskId, epoch } = claim;
  await caller.command('task.complete', projectId, { sessionId, taskId, epoch });
  took.next.push(claimed - start);
  took.complete.push(performance.now() - claimed);
}

/**
 * Begins a claim every 1/rate s whether or not those before are answered: a hub that stalls is not spared the claims
 * that would have come meanwhile. Throws when all callers are busy, because then the hub is far too slow.
 */
async function work(
  hub: LaunchedHub,
  projectId: string,
  sessions: readonly string[],
  { rate, seconds, callers }: Sizes,
): Promise<Omit<WorkFigures, 'framesReceived'>> {
  const idle = await Promise.all(Array.from({ length: callers }, () => HubCaller.open(hub)));
  const all = [...idle];
  const took = { next: [] as number[], complete: [] as number[] };
  const cpuBefore = processCpuUs(hub.pid);
  const start = performance.now();
  const running: Promise<void>[] = [];
  for (let number = 0; number < rate * seconds; number += 1) {
    await delay(Math.max(0, start + (number * 1_000) / rate - performance.now()));
    const caller = idle.pop();
    if (!caller) throw new Error(`${callers} claims are waiting for an answer`);
    const sessionId = sessions[number % sessions.length] ?? '';
    running.push(claimAndComplete(caller, projectId, sessionId, took).finally(() => idle.push(caller)));
  }
  await Promise.all(running);
  const elapsedMs = performance.now() - start;
  for (const caller of all) caller.close();
  return {
    nextP50Ms: percentile(took.next, 0.5),
    nextP99Ms: percentile(took.next, 0.99),
    completeP50Ms: percentile(took.complete, 0.5),
    completeP99Ms: percentile(took.complete, 0.99),
    claimsPerSecond: (took.next.length * 1_000) / elapsedMs,
    cpuShare: (processCpuUs(hub.pid) - cpuBefore) / 1_000 / elapsedMs,
  };
}

async function sampleMemory(pid: number, signal: AbortSignal): Promise<number[]> {
  const samples: number[] = [];
  while (!signal.aborted) {
    samples.push(processMemoryMb(pid).rssMb);
    await delay(SAMPLE_MS);
  }
  return samples;
}

async function measure(
  hub: LaunchedHub,
  projectId: string,
  sizes: Sizes,
  print: (text: string) => void,
): Promise<WorkFigures & MemoryFigures & { loadMs: number }> {
  const caller = await HubCaller.open(hub);
  const start = performance.now();
  await caller.command('project.update', projectId, { description: 'after a cold start' });
  const loadMs = performance.now() - start;
  caller.close();
  const rssMbAfterLoad = processMemoryMb(hub.pid).rssMb;
  print(`loaded in ${loadMs.toFixed(0)} ms, ${rssMbAfterLoad.toFixed(0)} MB`);
  const agents = await connectAgents(hub, projectId, sizes.agents);
  try {
    const rssMbWithAgents = processMemoryMb(hub.pid).rssMb;
    print(
      `${sizes.agents} agents, ${rssMbWithAgents.toFixed(0)} MB; ${sizes.rate} claims/s for ${sizes.seconds} s`,
    );
    const done = new AbortController();
    const sampling = sampleMemory(hub.pid, done.signal);
    const worked = await work(hub, projectId, agents.sessions, sizes).finally(() => done.abort());
    agents.check();
    const rssMb = percentile(await sampling, 0.5);
    const { rssMbPeak } = processMemoryMb(hub.pid);
    return {
      loadMs,
      rssMbAfterLoad,
      rssMbWithAgents,
      rssMb,
      rssMbPeak,
      ...worked,
      framesReceived: agents.frames,
    };
  } finally {
    agents.leave();
  }
}

/**
 * `npm run bench -- size [--json] [--assert] [--open N] [--completed N] [--agents N] [--rate N] [--seconds N]
 * [--callers N]`: memory and latency of a hub with a large project and many connected agents, after a cold start, at
 * a steady rate of task.next + task.complete.
 */
export async function runSize(argv: readonly string[]): Promise<Published<SizeFigures>> {
  const { json, assert, only: _only, data: _data, ...sizes } = readFlags(argv, DEFAULTS);
  const print = makePrint(json);
  const figures = await withDirectory(async (directory): Promise<SizeFigures> => {
    const dataDir = `${directory}/data`;
    const { projectId, ...seeding } = await seed(dataDir, sizes);
    print(`seeded ${sizes.open + sizes.completed} tasks in ${seeding.seedSeconds.toFixed(1)} s`);
    const start = performance.now();
    const hub = await launchHub('postgres', dataDir);
    const startMs = performance.now() - start;
    try {
      const measured = await measure(hub, projectId, sizes, print);
      return { bench: 'size', host: describeHost(), sizes, startMs, ...seeding, ...measured };
    } finally {
      await hub.stop();
    }
  });
  const bounds: Bound[] = [
    { figure: 'rssMb', value: figures.rssMb, max: RSS_MB_MAX },
    { figure: 'nextP99Ms', value: figures.nextP99Ms, max: NEXT_P99_MS_MAX },
  ];
  return publish(figures, bounds, { json, ...(assert && { assert }) });
}
