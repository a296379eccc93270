import { createServer } from 'node:net';
import { ActUnavailable, connectHub } from '@agentmix/act-client';

const PROBE_MS = 1_500;

/** Whether the port can be listened on now. Port 0 always can. */
export const isPortFree = (port: number, host: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen({ port, host }, () => server.close(() => resolve(true)));
  });

/** Whether what listens there is a hub: it answers as the contract says, be it only that it wants another key. */
export const isHub = async (url: string): Promise<boolean> => {
  const hub = connectHub({ url, token: 'none' });
  try {
    await hub.query('project.list', undefined, { limit: 1 }, { timeoutMs: PROBE_MS });
    return true;
  } catch (error) {
    if (error instanceof ActUnavailable) return error.refusal !== undefined;
    throw error;
  } finally {
    await hub.close();
  }
};
