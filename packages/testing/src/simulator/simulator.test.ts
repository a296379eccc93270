import { expect, it } from 'vitest';
import { commands, events } from '@agentmix/act-contract';
import { SimulationFailure, runSeed, shrink } from './run-seed.ts';
import { countUp } from './world.ts';

const SEEDS = Number(process.env['ACT_SEEDS'] ?? 1_000);
const FIRST = Number(process.env['ACT_FIRST_SEED'] ?? 1);

it(`holds every invariant under ${SEEDS} seeds`, { timeout: 600_000 }, async () => {
  const accepted = new Map<string, number>();
  const types = new Map<string, number>();
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    const { stats } = await runSeed(seed).catch(async (error: unknown) => {
      throw error instanceof SimulationFailure ? await shrink(error) : error;
    });
    for (const name of stats.accepted.keys()) countUp(accepted, name);
    for (const type of stats.eventTypes.keys()) countUp(types, type);
  }
  if (SEEDS < 200) return;
  const lane = Object.keys(commands).filter(
    (name) => name !== 'agent.heartbeat' && name !== 'artifact.rewrap',
  );
  expect(lane.filter((name) => !accepted.has(name))).toEqual([]);
  expect(Object.keys(events).filter((type) => !types.has(type))).toEqual([]);
});

it('does the same for the same seed', async () => {
  const [one, other] = [await runSeed(7), await runSeed(7)];
  expect(other.digest).toBe(one.digest);
  expect((await runSeed(8)).digest).not.toBe(one.digest);
});
