import { connectHub, createAgent } from '@agentmix/act-client';
import type { ActAgent } from '@agentmix/act-client';
import { setTimeout as sleep } from 'node:timers/promises';
import { Recorder } from '../history/recorder.ts';
import { recordingHub } from '../history/recording-hub.ts';
import type { WorkerOrders } from './worker.ts';

/** Agents that pull tasks, work a little, and complete them, whatever happens to the hub or to them. */
const orders = JSON.parse(process.argv[2] ?? '{}') as WorkerOrders;
const recorder = new Recorder(orders.stageDir, orders.process);
const hub = recordingHub(
  connectHub({
    url: orders.url,
    token: orders.token,
    transport: orders.transport,
    retry: { totalMs: 30_000, attemptMs: 5_000, delayMsMin: 20, delayMsMax: 400 },
  }),
  recorder,
);
let isStopping = false;

const workOnce = async (agent: ActAgent): Promise<void> => {
  const next = await agent.nextTask({ waitMs: 2_000 });
  if (!next.ok) {
    if (next.refusal.code === 'session_expired') await agent.register();
    return;
  }
  const { claim } = next.value;
  if (!claim) return;
  const [workMsMin, workMsMax] = orders.workMs;
  await sleep(workMsMin + Math.random() * (workMsMax - workMsMin));
  if (Math.random() < 0.2) await agent.reportProgress(claim.taskId, { percent: 50 });
  const dice = Math.random();
  if (dice < orders.giveBackShare) await agent.releaseTask(claim.taskId, { note: 'torture' });
  else await agent.completeTask(claim.taskId, { by: orders.process });
};

const live = async (agentId: string): Promise<void> => {
  const { projectId, leaseMs } = orders;
  const agent = createAgent({ hub, projectId, agentId, leaseMs });
  const again = async (step: () => Promise<unknown>): Promise<void> => {
    // Unavailable for thirty seconds, or a refused registration: neither ends an agent of this row.
    await step().catch(() => sleep(100));
  };
  await again(() => agent.register());
  while (!isStopping) {
    if (agent.sessionId === undefined) await again(() => agent.register());
    else await again(() => workOnce(agent));
  }
};

process.on('message', () => (isStopping = true));
process.on('disconnect', () => process.exit(0));
process.send?.({ kind: 'started' });
await Promise.all(orders.agentIds.map((agentId) => live(agentId)));
await hub.close();
process.exit(0);
