import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startEmbedded } from '@agentmix/act-postgres';
import type pg from 'pg';

export interface Cluster {
  /** Superuser on a unix socket. */
  connection: pg.ClientConfig & { host: string; port: number; user: string; database: string };
  postmasterPid: number;
  /** Stops the server and deletes its files. */
  stop(): Promise<void>;
}

/**
 * Starts an embedded server of its own in a new directory under the system's temporary directory, which has to be on
 * a real disk: TMPDIR moves it. Durable (fsync and synchronous_commit on), reachable by its socket only.
 */
export async function startCluster(): Promise<Cluster> {
  const directory = await mkdtemp(join(tmpdir(), 'act-bench-'));
  const server = await startEmbedded({
    dataDir: join(directory, 'data'),
    settings: { max_connections: '60' },
  });
  return {
    connection: { host: server.socketDir, port: server.port, user: server.superuser, database: 'postgres' },
    postmasterPid: server.pid,
    stop: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
