import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../checkers/percentile.ts';
import { defineRow } from '../row.ts';
import { openScene } from '../scene.ts';
import type { Scene } from '../scene.ts';

type Names = 'pairs' | 'lease-ms' | 'late-ms';

const LIVE_LEASE_MS = 600_000;

const register = async ({ client, projectId }: Scene, agentId: string, leaseMs: number): Promise<string> => {
  const registered = await client.command('agent.register', projectId, { agentId, leaseMs });
  if (!registered.ok) throw new Error(`not registered: ${registered.refusal.code}`);
  return registered.value.sessionId;
};

const reserve = async (scene: Scene, sessionId: string, path: string, wait: boolean): Promise<string> => {
  const { client, projectId } = scene;
  const result = await client.command('reservation.request', projectId, {
    sessionId,
    regions: [{ path }],
    wait,
  });
  return result.ok ? result.value.status : result.refusal.code;
};

/** Waits until an agent has the file, or so long; answers the milliseconds since `began`, or nothing. */
const grantedAfter = async (
  { client, projectId }: Scene,
  agentId: string,
  path: string,
  began: number,
  patienceMs: number,
): Promise<number | undefined> => {
  while (performance.now() - began < patienceMs) {
    const page = await client.query('reservation.list', projectId, { path, agentId });
    if (page.ok && page.value.items.some(({ status }) => status === 'granted'))
      return performance.now() - began;
    await sleep(50);
  }
  return undefined;
};

export const t37 = defineRow<Names>({
  name: 'T37',
  summary: 'reservations: agents die with files that others wait for; who lives keeps what it has',
  sizes: { pairs: [50, 8], 'lease-ms': [3_000, 2_000], 'late-ms': [2_000, 2_000] },
  run: async ({ stage, sizes, log }) => {
    const scene = await openScene(stage, {});
    const leaseMs = sizes['lease-ms'];
    const pairs = Array.from({ length: sizes.pairs }, (_, at) => at);
    const began: number[] = [];
    const waiting = await Promise.all(
      pairs.map(async (at) => {
        // Registered, and never heard of again.
        const dead = await register(scene, `dead-${at}`, leaseMs);
        const live = await register(scene, `live-${at}`, LIVE_LEASE_MS);
        const first = await reserve(scene, dead, `src/${at}.ts`, false);
        began[at] = performance.now();
        const refused = await reserve(scene, live, `src/${at}.ts`, false);
        const queued = await reserve(scene, live, `src/${at}.ts`, true);
        return first === 'granted' && refused === 'region_reserved' && queued === 'queued';
      }),
    );
    const patienceMs = leaseMs + 3 * sizes['late-ms'];
    const waits = await Promise.all(
      pairs.map((at) => grantedAfter(scene, `live-${at}`, `src/${at}.ts`, began[at] ?? 0, patienceMs)),
    );
    const heard = waits.filter((ms) => ms !== undefined);
    // The living have much longer leases: nothing of theirs may have ended meanwhile.
    const page = await scene.client.query('reservation.list', scene.projectId, { limit: 500 });
    const kept = page.ok
      ? page.value.items.filter(({ agentId, status }) => agentId.startsWith('live-') && status === 'granted')
          .length
      : 0;
    log(`${heard.length} of ${pairs.length} files passed on`);
    const figures = {
      pairs: pairs.length,
      misjudged: waiting.filter((isRight) => !isRight).length,
      stranded: pairs.length - heard.length,
      lostByTheLiving: heard.length - kept,
      waitedP50Ms: Math.round(percentile(heard, 0.5)),
      waitedMaxMs: Math.round(Math.max(0, ...heard)),
    };
    const isInTime = figures.waitedMaxMs <= leaseMs + sizes['late-ms'];
    const passed = figures.misjudged + figures.stranded + figures.lostByTheLiving === 0 && isInTime;
    return { ...figures, passed };
  },
});
