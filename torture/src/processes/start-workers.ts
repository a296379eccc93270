import type { Address } from '../wire/rest.ts';
import type { Stage } from './stage.ts';
import { Worker } from './worker.ts';

const AGENTS_PER_WORKER = 2;

/** Processes with agents on the SDK that claim and complete what there is, half of them over Socket.IO. */
export const startWorkers = async (
  stage: Stage,
  { hub, projectId }: { readonly hub: Address; readonly projectId: string },
  count: number,
  leaseMs: number,
  name = 'worker',
): Promise<Worker[]> => {
  const workers = Array.from(
    { length: count },
    (_, at) =>
      new Worker(stage, `${name}${at}`, {
        url: hub.url,
        token: hub.token,
        projectId,
        transport: at % 2 === 0 ? 'rest' : 'socket.io',
        agentIds: Array.from({ length: AGENTS_PER_WORKER }, (__, index) => `${name}-${at}-${index}`),
        leaseMs,
        workMs: [5, 50],
        giveBackShare: 0.02,
      }),
  );
  await Promise.all(workers.map((worker) => worker.start()));
  return workers;
};
