import { canConfine, makeConfinement } from '@agentmix/act-testing/engines';
import { setTimeout as sleep } from 'node:timers/promises';
import { createProject, startCrowd } from '../processes/crowd.ts';
import type { Crowd, Phase, PhaseFigures } from '../processes/crowd.ts';
import { DatabaseServer } from '../processes/database-server.ts';
import { HubProcess } from '../processes/hub.ts';
import type { Stage } from '../processes/stage.ts';
import { rssPeakMbOf } from '../resident-memory.ts';
import { defineRow } from '../row.ts';
import type { RowContext } from '../row.ts';

type Names =
  | 'agents'
  | 'overload-factor'
  | 'pause-ms'
  | 'warm-ms'
  | 'soak-ms'
  | 'peak-ms'
  | 'overload-ms'
  | 'after-ms'
  | 'growth-mb-max';

/** What the seed's chart gives a pod, and how much of it the chart gives to V8. */
const POD = { memoryBytes: 512 * 1_048_576, cpus: 0.5 };
const HEAP_MB = 384;
const GOODPUT_SHARE_MIN = 0.8;
const RECOVERY_MS_MAX = 10_000;
const SETTLE_MS = 2_000;
/** In overload a task takes some seconds from its first call to its last. */
const OVERLOAD_SETTLE_MS = 6_000;
/** The peak is the best of these shares of the agents without pauses, and of the last once more afterwards. */
const PEAK_SHARES = [0.25, 0.5, 1];

/** A hub with the limits of a pod; its database has none. */
const startPod = async (stage: Stage) => {
  if (!canConfine) throw new Error('this row needs root and control groups of version 1 to limit the hub');
  const confinement = makeConfinement(`act-pod-${process.pid}`, POD);
  stage.onClose(async () => {
    // The kernel lets go of a group a moment after its last process.
    await sleep(500);
    confinement.remove();
  });
  const { databaseUrl, migrateUrl } = (await DatabaseServer.start(stage)).urls;
  const hub = await HubProcess.start(stage, 'hub', databaseUrl, {
    ACT_MIGRATE_URL: migrateUrl,
    ACT_TORTURE_CGROUPS: confinement.procsFiles.join(':'),
    // All of the crowd comes from one address.
    ACT_LIMIT_CONNECTIONS_PER_ADDRESS: '0',
    ACT_LIMIT_WAITING_PER_ADDRESS: '0',
    NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}`,
  });
  return { hub, confinement };
};

const runPhases = async ({ sizes, log }: RowContext<Names>, hub: HubProcess, crowd: Crowd) => {
  const run = async (name: string, order: Phase): Promise<PhaseFigures> => {
    const figures = await crowd.run(order);
    log(`${name}: ${JSON.stringify(figures)}`);
    return figures;
  };
  const { agents } = sizes;
  const pauseMs = sizes['pause-ms'];
  await run('warm', { agents, pauseMs, ms: sizes['warm-ms'], settleMs: 0 });
  const { retainedMb: before } = await hub.memory();
  const soak = await run('soak', { agents, pauseMs, ms: sizes['soak-ms'], settleMs: 0 });
  const { retainedMb: after } = await hub.memory();
  const peaks: number[] = [];
  const tryPeak = async (share: number): Promise<void> => {
    const own = Math.ceil(agents * share);
    const order = { agents: own, pauseMs: 0, ms: sizes['peak-ms'], settleMs: SETTLE_MS };
    peaks.push((await run(`peak of ${own}`, order)).completedPerSecond);
  };
  for (const share of PEAK_SHARES) await tryPeak(share);
  const overload = await run('overload', {
    agents: 0,
    pauseMs: 0,
    arrivalsPerSecond: sizes['overload-factor'] * Math.max(...peaks),
    ms: sizes['overload-ms'],
    settleMs: OVERLOAD_SETTLE_MS,
  });
  const recovery = await run('after', { agents, pauseMs, ms: sizes['after-ms'], settleMs: 0 });
  await tryPeak(1);
  return { soak, growthMb: after - before, peaks, overload, recovery };
};

const rounded = (value: number): number => Math.round(100 * value) / 100;

export const t24 = defineRow<Names>({
  name: 'T24',
  summary: 'half a core and 512 MiB: 200 agents for long, then three times as many as it can serve',
  sizes: {
    agents: [200, 200],
    'overload-factor': [3, 3],
    'pause-ms': [10_000, 2_500],
    'warm-ms': [300_000, 12_000],
    'soak-ms': [3_600_000, 12_000],
    'peak-ms': [15_000, 5_000],
    'overload-ms': [60_000, 18_000],
    'after-ms': [30_000, 12_000],
    // In a minute tables of what was lately are still filling.
    'growth-mb-max': [1, 8],
  },
  run: async (context) => {
    const { hub, confinement } = await startPod(context.stage);
    const { pid } = hub;
    const crowd = await startCrowd(context.stage, hub, await createProject(hub, 'pod'));
    const { soak, growthMb, peaks, overload, recovery } = await runPhases(context, hub, crowd);
    const peak = Math.max(...peaks);
    const phases = [soak, overload, recovery];
    const figures = {
      soakCalls: soak.calls,
      soakP99Ms: soak.p99Ms,
      retainedGrowthMb: rounded(growthMb),
      peaksPerSecond: peaks,
      overloadPerSecond: overload.completedPerSecond,
      goodputShare: rounded(overload.completedPerSecond / peak),
      arrivedPerSecond: Math.round(
        (1_000 * overload.arrived) / (context.sizes['overload-ms'] - OVERLOAD_SETTLE_MS),
      ),
      left: overload.left,
      sentAway: overload.sentAway,
      sentAwayBare: phases.reduce((sum, { sentAwayBare }) => sum + sentAwayBare, 0),
      errors: phases.reduce((sum, { errors }) => sum + errors, 0),
      firstErrors: phases.flatMap(({ firstErrors }) => firstErrors).slice(0, 5),
      leasesLost: phases.reduce((sum, { leasesLost }) => sum + leasesLost, 0),
      overloadP99Ms: overload.p99Ms,
      keepP99Ms: overload.keepP99Ms,
      claimP99Ms: overload.claimP99Ms,
      sentAwayInSoak: soak.sentAway,
      recoveredMs: recovery.lastSentAwayMs,
      afterP99Ms: recovery.p99Ms,
      isSameProcess: hub.isAlive && hub.pid === pid,
      rssPeakMb: Math.round(rssPeakMbOf(pid)),
      heldBack: confinement.throttled(),
    };
    const passed =
      figures.retainedGrowthMb <= context.sizes['growth-mb-max'] &&
      figures.goodputShare >= GOODPUT_SHARE_MIN &&
      figures.sentAway > 0 &&
      figures.sentAwayBare === 0 &&
      figures.errors === 0 &&
      figures.leasesLost === 0 &&
      figures.recoveredMs <= RECOVERY_MS_MAX &&
      figures.isSameProcess &&
      figures.rssPeakMb * 1_048_576 < POD.memoryBytes;
    return { ...figures, passed };
  },
});
