import { HUB_PROJECT_ID } from '@agentmix/act-contract';
import { ask, askAnything, deliver } from './act.ts';
import { compareAll } from './compare.ts';
import { finishPlans } from './finish.ts';
import { AGENT_IDS, capabilities } from './inputs.ts';
import { makeRandom } from './random.ts';
import { SimulatedHub } from './simulated-hub.ts';
import { takeStep } from './steps.ts';
import { makeWorld } from './world.ts';
import type { Stats, World } from './world.ts';

export interface RunOptions {
  /** Steps of chaos before the clean-up. */
  readonly steps?: number;
  /** Steps to leave out: what remains is drawn as before. */
  readonly without?: ReadonlySet<number>;
}

export interface Run {
  readonly seed: number;
  /** Over every command, answer and record, in order: the same seed gives the same. */
  readonly digest: string;
  readonly stats: Stats;
}

/** A seed under which an invariant does not hold. `step` is undefined when it failed in the clean-up. */
export class SimulationFailure extends Error {
  override readonly name = 'SimulationFailure';
  readonly seed: number;
  readonly step: number | undefined;
  readonly reason: string;
  readonly trace: readonly string[];

  constructor(seed: number, step: number | undefined, cause: unknown, trace: readonly string[]) {
    const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    super(`seed ${seed}, step ${step ?? 'clean-up'}: ${reason}\n  ${trace.slice(-12).join('\n  ')}`, {
      cause,
    });
    this.seed = seed;
    this.step = step;
    this.reason = reason;
    this.trace = trace;
  }
}

export const STEPS_DEFAULT = 70;
const CLEAN_UP = 1_000_000;
/** Every so many seeds the project is the hub’s own, whose members are owners. */
const HUB_SEED = 16;

/** The project, its agents and a first plan. */
export const begin = async (world: World): Promise<void> => {
  world.hubs.push(new SimulatedHub(world), new SimulatedHub(world));
  const { random } = world;
  const maxAttempts = 1 + random.below(4);
  const policy = random.pick(['flow', 'weighted'] as const);
  const create = ask(world, 'project.create', { name: 'simulated', settings: { maxAttempts, policy } });
  if (create) await deliver(world, [create], false);
  for (const agentId of AGENT_IDS.slice(0, 2 + random.below(5)))
    world.actors.push({ agentId, capabilities: capabilities(world), isCrashed: false, grants: [], old: [] });
  const planner = world.actors[0];
  const names = ['plan.apply', 'plan.apply', 'task.create', 'task.create'] as const;
  const first = planner ? names.map((name) => askAnything(world, name, planner)) : [];
  await deliver(
    world,
    first.filter((one) => one !== undefined),
    false,
  );
};

/**
 * Runs one seed: agents, replicas and accidents on a virtual clock over the memory store, then a clean-up in which
 * every plan has to come to its end. Throws a SimulationFailure when an invariant does not hold.
 */
export const runSeed = async (
  seed: number,
  { steps = STEPS_DEFAULT, without }: RunOptions = {},
): Promise<Run> => {
  const world = makeWorld(seed, seed % HUB_SEED === 0 ? { projectId: HUB_PROJECT_ID } : {});
  let step: number | undefined = 0;
  try {
    await begin(world);
    for (; step < steps; step++) {
      world.random = makeRandom(seed, step + 1);
      if (!without?.has(step)) await takeStep(world);
    }
    step = undefined;
    world.random = makeRandom(seed, CLEAN_UP);
    await compareAll(world);
    await finishPlans(world);
    await compareAll(world);
  } catch (error) {
    throw new SimulationFailure(seed, step, error, world.trace);
  }
  return { seed, digest: world.digest.digest('hex'), stats: world.stats };
};

const failureOf = async (seed: number, options: RunOptions): Promise<SimulationFailure | undefined> =>
  runSeed(seed, options).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof SimulationFailure) return error;
      throw error;
    },
  );

/**
 * The same failure with as few steps as leaving out can reach: first everything after it, then ever smaller pieces
 * before it. Any failure counts as the same, since a smaller case often shows the cause by another name.
 */
export const shrink = async (failure: SimulationFailure, replaysMax = 300): Promise<SimulationFailure> => {
  const { seed } = failure;
  const steps = failure.step === undefined ? STEPS_DEFAULT : failure.step + 1;
  let without = new Set<number>();
  let best = failure;
  let replays = 0;
  for (let size = Math.ceil(steps / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let first = 0; first < steps && replays < replaysMax; first += size) {
      const more = new Set(without);
      for (let step = first; step < Math.min(steps, first + size); step++) more.add(step);
      if (more.size === without.size) continue;
      replays++;
      const smaller = await failureOf(seed, { steps, without: more });
      if (!smaller) continue;
      best = smaller;
      without = more;
    }
  }
  return best;
};
