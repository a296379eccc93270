import { connectHub, createAgent } from '@agentmix/act-client';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PoisonOrders } from './poison.ts';

/** Agents that take tasks and then die, or that hold on to them for ever, heartbeats and all. */
const orders = JSON.parse(process.argv[2] ?? '{}') as PoisonOrders;
const { projectId, leaseMs } = orders;
const hub = connectHub(orders);

const hold = async (agentId: string): Promise<boolean> => {
  const agent = createAgent({
    hub,
    projectId,
    agentId,
    leaseMs,
    capabilities: [{ name: orders.capability }],
  });
  await agent.register();
  for (;;) {
    const next = await agent.nextTask({ waitMs: orders.kind === 'dying' ? 3_000 : 1_000 });
    if (orders.kind === 'dying') return next.ok && next.value.claim !== undefined;
    while (agent.claims.size > 0) await sleep(100);
  }
};

process.on('disconnect', () => process.exit(0));
process.send?.({ kind: 'started' });
const held = await Promise.all(orders.agentIds.map((agentId) => hold(agentId)));
process.send?.({ kind: 'holding', held: held.filter(Boolean).length });
await sleep(60_000);
