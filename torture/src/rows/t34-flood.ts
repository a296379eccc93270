import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../checkers/percentile.ts';
import type { Target } from '../floods/crowd.ts';
import { floodNames } from '../floods/floods.ts';
import type { FloodName, FloodSize } from '../floods/floods.ts';
import type { Tally } from '../floods/tally.ts';
import type { Flooded, FlooderOrder } from '../processes/flooder.ts';
import { HubProcess } from '../processes/hub.ts';
import type { Sample, Samples } from '../processes/neighbours.ts';
import type { Actor, Stage } from '../processes/stage.ts';
import { watchRss } from '../resident-memory.ts';
import { defineRow } from '../row.ts';
import type { RowContext } from '../row.ts';
import { restCommand } from '../wire/rest.ts';

type Names =
  | 'rounds'
  | 'phase-ms'
  | 'connections'
  | 'opens-per-second'
  | 'neighbours'
  | 'pause-ms'
  | 'limit-per-second'
  | 'noise-factor';
/** `warm`: as `control`, before anything is attacked. */
type Kind = 'warm' | 'quiet' | 'control' | 'flood';

interface Phase {
  readonly kind: Kind;
  readonly name: FloodName;
  readonly from: number;
  readonly to: number;
  /** The most in it. */
  readonly rssMb: number;
  /** Before it. */
  readonly retainedMb: number;
  readonly tally?: Tally;
}

const RATIO_MAX = 1.5;
const RSS_MB_MAX = 100;
/** A phase’s first moments belong to the one before. */
const SETTLE_MS = 200;
const PROBE_SECONDS = 0.1;
/** As by default. */
const POINTS_PER_ADDRESS = 500;

/**
 * The neighbours work all the while; every attack comes after a quiet phase and the same attack on an idle server. Before
 * all that each attack hits the idle server once, so that the hub is warm. Garbage is collected before every phase: of
 * the neighbours' work alone V8 lets 100 MB pile up, and collects it when it likes; whatever an attack holds or leaks
 * stays.
 */
const runPhases = async (
  { sizes, log }: RowContext<Names>,
  hub: HubProcess,
  flooder: Actor,
  targets: { readonly hub: Target; readonly sink: Target },
): Promise<Phase[]> => {
  const size: FloodSize = {
    connections: sizes.connections,
    opensPerSecond: sizes['opens-per-second'],
    perSecond: sizes['limit-per-second'] * sizes['noise-factor'],
  };
  const phases: Phase[] = [];
  const run = async (kind: Kind, name: FloodName, target?: Target): Promise<void> => {
    const { retainedMb } = await hub.memory();
    if (target) flooder.send({ kind: 'flood', name, target, size } satisfies FlooderOrder);
    await sleep(SETTLE_MS);
    const from = Date.now();
    const rssMb = await watchRss(hub.pid, sizes['phase-ms'] / (kind === 'quiet' ? 2 : 1));
    const to = Date.now();
    if (target) flooder.send({ kind: 'rest' } satisfies FlooderOrder);
    const ended = target && (await flooder.message<Flooded>('flooded'));
    phases.push({ kind, name, from, to, rssMb, retainedMb, ...(ended ? { tally: ended.tally } : {}) });
  };
  for (const name of floodNames) await run('warm', name, targets.sink);
  for (let round = 0; round < sizes.rounds; round++)
    for (const name of floodNames) {
      await run('quiet', name);
      await run('control', name, targets.sink);
      await run('flood', name, targets.hub);
      log(`${name}: ${JSON.stringify(phases.at(-1)?.tally)}`);
    }
  return phases;
};

const startNeighbours = async (stage: Stage, hub: HubProcess, sizes: RowContext<Names>['sizes']) => {
  const { url, token } = hub;
  const orders = { url, token, agents: sizes.neighbours, pauseMs: sizes['pause-ms'] };
  const neighbours = stage.start('neighbours-main', [JSON.stringify(orders)]);
  await neighbours.message('started');
  return neighbours;
};

const within = (samples: readonly Sample[], phases: readonly Phase[]): Sample[] =>
  samples.filter(({ at }) => phases.some(({ from, to }) => at >= from && at < to));

const p99Of = (samples: readonly Sample[]): number =>
  percentile(
    samples.map(({ ms }) => ms),
    0.99,
  );
const ratioOf = (above: number, below: number): number =>
  Math.round((100 * above) / Math.max(below, 0.1)) / 100;

const judge = (phases: readonly Phase[], { calls, probes }: Samples) => {
  const callsOf = (kind: Kind, name?: FloodName): Sample[] =>
    within(
      calls,
      phases.filter((phase) => phase.kind === kind && (name ?? phase.name) === phase.name),
    );
  const [quiet, control, flood] = [callsOf('quiet'), callsOf('control'), callsOf('flood')];
  const mostMb = (kind: Kind): number =>
    Math.max(...phases.filter((phase) => phase.kind === kind).map(({ rssMb }) => rssMb));
  const attacked = phases.filter(({ kind }) => kind === 'flood');
  const failedProbes = within(probes, attacked).filter(({ error }) => error !== undefined);
  const noise = attacked.find(({ name }) => name === 'noisy-agent')?.tally?.statuses ?? {};
  const errors = flood.flatMap(({ error }) => error ?? []);
  const byFlood = Object.fromEntries(
    floodNames.map((name) => {
      const own = attacked.filter((phase) => phase.name === name);
      const p99Ms = (['quiet', 'control', 'flood'] as const).map((kind) => p99Of(callsOf(kind, name)));
      return [
        name,
        {
          p99Ms,
          failedProbes: within(failedProbes, own).length,
          rssMb: Math.round(Math.max(...own.map(({ rssMb }) => rssMb))),
          ...own.at(-1)?.tally,
        },
      ];
    }),
  );
  return {
    neighbourCalls: [quiet.length, control.length, flood.length],
    neighbourErrors: errors.length,
    errors: [...new Set(errors)].slice(0, 5),
    p50Ms: [quiet, control, flood].map((samples) =>
      percentile(
        samples.map(({ ms }) => ms),
        0.5,
      ),
    ),
    p99Ms: [quiet, control, flood].map(p99Of),
    neighboursP99Ratio: ratioOf(p99Of(flood), p99Of(control)),
    p99RatioToQuiet: ratioOf(p99Of(flood), p99Of(quiet)),
    warmMb: Math.round(mostMb('warm')),
    rssGrowthMb: Math.round(mostMb('flood') - mostMb('warm')),
    retainedGrowthMb: Math.round((phases.at(-1)?.retainedMb ?? 0) - (attacked[0]?.retainedMb ?? 0)),
    secondsUnavailable: Math.round(10 * failedProbes.length * PROBE_SECONDS) / 10,
    probeP99Ms: (['quiet', 'control', 'flood'] as const).map((kind) =>
      p99Of(
        within(
          probes,
          phases.filter((phase) => phase.kind === kind),
        ),
      ),
    ),
    probes: within(probes, attacked).length,
    probeErrors: [...new Set(failedProbes.flatMap(({ error }) => error ?? []))],
    noiseAnswered: noise,
    byFlood,
  };
};

export const t34 = defineRow<Names>({
  name: 'T34',
  summary: 'floods: slow, silent, huge, compressed, noisy and unknown callers, while neighbours work',
  sizes: {
    rounds: [3, 1],
    'phase-ms': [4_000, 800],
    connections: [1_000, 300],
    'opens-per-second': [400, 400],
    neighbours: [8, 8],
    'pause-ms': [60, 40],
    'limit-per-second': [25, 40],
    'noise-factor': [100, 100],
  },
  run: async (context) => {
    const { sizes, stage } = context;
    const limits = {
      ACT_LIMIT_PROJECT_PER_SECOND: String(sizes['limit-per-second']),
      ACT_LIMIT_ADDRESS_PER_SECOND: String(POINTS_PER_ADDRESS),
    };
    const hub = await HubProcess.start(stage, 'hub', undefined, limits);
    const created = await restCommand(hub, {
      name: 'project.create',
      projectId: '',
      input: { name: 'noisy' },
    });
    if (created.type !== 'ok') throw new Error(`no project: ${JSON.stringify(created)}`);
    const { projectId } = created.output as { projectId: string };
    const sink = stage.start('sink-main');
    const { port } = await sink.message<{ kind: 'listening'; port: number }>('listening');
    const flooder = stage.start('flooder-main');
    await flooder.message('started');
    const neighbours = await startNeighbours(stage, hub, sizes);
    const target = { host: '127.0.0.1', token: hub.token, projectId };
    const targets = { hub: { ...target, port: hub.port }, sink: { ...target, port } };
    const phases = await runPhases(context, hub, flooder, targets);
    neighbours.send('stop');
    const found = judge(phases, await neighbours.message<Samples>('samples'));
    const isNoiseRefused = (found.noiseAnswered['429'] ?? 0) > (found.noiseAnswered['200'] ?? 0);
    const passed =
      found.neighboursP99Ratio <= RATIO_MAX &&
      found.rssGrowthMb <= RSS_MB_MAX &&
      found.secondsUnavailable === 0 &&
      found.neighbourErrors === 0 &&
      isNoiseRefused;
    return { ...found, isNoiseRefused, passed };
  },
});
