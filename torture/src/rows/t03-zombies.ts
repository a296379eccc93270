import { createAgent } from '@agentmix/act-client';
import type { ActAgent } from '@agentmix/act-client';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Actor } from '../processes/stage.ts';
import type { ZombieOrders, ZombieShot } from '../processes/zombie.ts';
import { defineRow } from '../row.ts';
import type { RowContext } from '../row.ts';
import { addTasks, openSceneOf, settleRows, waitUntil } from '../scene.ts';
import type { Scene } from '../scene.ts';
import { routeOf } from '../wire/rest.ts';
import { speakingCommands } from './holder-inputs.ts';

type Names = 'hubs' | 'zombies' | 'regranted' | 'lease-ms';

interface Holding {
  readonly kind: 'holding';
  readonly sessionId: string;
  readonly epoch: number;
}
interface Zombie {
  readonly actor: Actor;
  readonly kind: ZombieOrders['kind'];
  readonly taskId: string;
  readonly sessionId: string;
}

const startZombie = async (
  { sizes, stage }: RowContext<Names>,
  scene: Scene,
  taskId: string,
  at: number,
): Promise<Zombie> => {
  const kind = at < sizes.zombies ? 'stopped' : 'regranted';
  const orders: ZombieOrders = {
    url: scene.hub.url,
    token: scene.hub.token,
    projectId: scene.projectId,
    agentId: `zombie-${at}`,
    taskId,
    leaseMs: kind === 'stopped' ? sizes['lease-ms'] : 600_000,
    kind,
  };
  const actor = stage.start('zombie-main', [JSON.stringify(orders)]);
  const { sessionId } = await actor.message<Holding>('holding');
  return { actor, kind, taskId, sessionId };
};

/** Others take the tasks of the dead: every second is finished, the rest are held on. */
const takeOver = async (rescuer: ActAgent, taskIds: readonly string[]): Promise<void> => {
  for (const [at, taskId] of taskIds.entries()) {
    const claimed = await rescuer.claimTask(taskId);
    if (!claimed.ok) throw new Error(`task of a dead agent not claimed: ${claimed.refusal.code}`);
    if (at % 2 === 0) await rescuer.completeTask(taskId, 'by the rescuer');
  }
};

const fireAll = async (
  zombies: readonly Zombie[],
  about: { otherAgentId: string; requestId: string; messageId: string },
): Promise<ZombieShot[]> => {
  const fired = await Promise.all(
    zombies.map(async ({ actor, kind }) => {
      actor.send(about);
      if (kind === 'stopped') actor.signal('SIGCONT');
      return (await actor.message<{ kind: 'fired'; shots: ZombieShot[] }>('fired')).shots;
    }),
  );
  return fired.flat();
};

const changed = (before: Record<string, string>, after: Record<string, string>): string[] =>
  Object.keys(after).filter((table) => after[table] !== before[table]);

/** What zombies speak about: an open request for help, and a message to somebody. */
const prepare = async (rescuer: ActAgent) => {
  const asked = await rescuer.openAssistance({ question: 'can anybody help?' });
  const sent = await rescuer.sendMessage(rescuer.agentId, { content: 'to read' });
  if (!asked.ok || !sent.ok) throw new Error('the row could not be prepared');
  return {
    otherAgentId: rescuer.agentId,
    requestId: asked.value.requestId,
    messageId: sent.value.messageId,
  };
};

const countBy = (shots: readonly ZombieShot[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { refusal = 'none' } of shots) counts[refusal] = (counts[refusal] ?? 0) + 1;
  return counts;
};

/** Whether any door offers the command; the hub keeps some for itself. */
const isOffered = (name: string): boolean =>
  speakingCommands().some((one) => one === name && routeOf(one) !== undefined);

export const t03 = defineRow<Names>({
  name: 'T03',
  summary: 'zombies: agents stopped past their lease fire every command that speaks as them, on every door',
  sizes: { hubs: [1, 1], zombies: [16, 4], regranted: [4, 2], 'lease-ms': [1_000, 1_000] },
  run: async (context) => {
    const { sizes, stage, log } = context;
    const scene = await openSceneOf(sizes.hubs, stage, { maxAttempts: 100 });
    const { database, projectId } = scene;
    const count = sizes.zombies + sizes.regranted;
    await addTasks(
      scene,
      Array.from({ length: count }, (_, at) => ({ key: `z${at}`, title: `task ${at}` })),
    );
    const ids = (await database.tasks(projectId)).map(({ id }) => id);
    const zombies: Zombie[] = [];
    for (const [at, taskId] of ids.entries()) zombies.push(await startZombie(context, scene, taskId, at));
    const stopped = zombies.filter(({ kind }) => kind === 'stopped');
    for (const { actor } of stopped) actor.signal('SIGSTOP');
    const sessionIds = stopped.map(({ sessionId }) => sessionId);
    const areDead = async () => (await database.countLiveSessions(projectId, sessionIds)) === 0;
    if (!(await waitUntil(areDead, sizes['lease-ms'] + 20_000))) throw new Error('sessions did not expire');
    const rescuer = createAgent({ hub: scene.client, projectId, agentId: 'rescuer', leaseMs: 600_000 });
    await rescuer.register();
    await takeOver(
      rescuer,
      stopped.map(({ taskId }) => taskId),
    );
    const about = await prepare(rescuer);
    await settleRows(scene);
    const before = await database.digest();
    const shots = await fireAll(zombies, about);
    // Whatever a refused call might still do behind its answer has had time to happen.
    await sleep(1_500);
    await settleRows(scene);
    const touched = changed(before, await database.digest());
    const refused = shots.filter(({ type }) => type === 'fail');
    for (const shot of shots.filter(({ type }) => type !== 'fail'))
      log(`${shot.name} over ${shot.door}: ${shot.type}`);
    // A call that was refused for its form would prove nothing about the fence.
    const unfenced = refused.filter(
      ({ name, refusal }) => isOffered(name) && refusal !== 'session_expired' && refusal !== 'stale_epoch',
    );
    for (const shot of unfenced) log(`${shot.name} over ${shot.door}: ${shot.refusal}`);
    const figures = {
      zombies: zombies.length,
      commands: speakingCommands().length,
      calls: shots.length,
      refused: refused.length,
      refusedPercent: Math.round((refused.length / Math.max(1, shots.length)) * 10_000) / 100,
      refusals: countBy(refused),
      unfenced: unfenced.length,
      sideEffects: touched.length,
      touched,
    };
    const passed =
      shots.length > 0 && refused.length === shots.length && touched.length === 0 && unfenced.length === 0;
    return { ...figures, passed };
  },
});
