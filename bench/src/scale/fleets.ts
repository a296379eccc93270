import { randomBytes } from 'node:crypto';
import { makeKey } from '@agentmix/act-hub';
import { startEmbedded } from '@agentmix/act-postgres';
import pg from 'pg';
import { uuidv7 } from 'uuidv7';
import { launchHubIn } from '../load/launch-hub.ts';
import type { LaunchedHub } from '../load/launch-hub.ts';

/** Hubs on one database, each a process of its own. */
export type Fleet = readonly LaunchedHub[];

export interface Fleets {
  readonly fleets: readonly Fleet[];
  /** First process of the server that all of them work on, each fleet in a database of its own. */
  readonly postmasterPid: number;
}

/** Starts fleets of these sizes on one PostgreSQL, and ends all of them afterwards. */
export async function withFleets<T>(
  directory: string,
  sizes: readonly number[],
  use: (fleets: Fleets) => Promise<T>,
): Promise<T> {
  const server = await startEmbedded({
    dataDir: `${directory}/server`,
    // As PostgreSQL has by default: each hub may need 21.
    settings: { max_connections: '100' },
  });
  const { socketDir, port, superuser } = server;
  const admin = new pg.Client({ host: socketDir, port, user: superuser, database: 'postgres' });
  await admin.connect();
  const running: LaunchedHub[] = [];
  const startFleet = async (size: number, at: number): Promise<Fleet> => {
    const database = `fleet${at}`;
    await admin.query(`create database ${database}`);
    const urlOf = (user: string): string =>
      `postgres://${user}@/${database}?host=${encodeURIComponent(socketDir)}&port=${port}`;
    const env = {
      ...process.env,
      DATABASE_URL: urlOf('act_app'),
      ACT_MIGRATE_URL: urlOf(superuser),
      ACT_OWNER_KEY: makeKey(uuidv7(), 'test').text,
      ACT_MASTER_KEY: randomBytes(32).toString('base64'),
    };
    const fleet: LaunchedHub[] = [];
    for (let hub = 0; hub < size; hub++) {
      const launched = await launchHubIn(env, `${directory}/${database}-${hub}`);
      fleet.push(launched);
      running.push(launched);
    }
    return fleet;
  };
  try {
    const fleets: Fleet[] = [];
    for (const [at, size] of sizes.entries()) fleets.push(await startFleet(size, at));
    return await use({ fleets, postmasterPid: server.pid });
  } finally {
    await Promise.all(running.map((hub) => hub.stop()));
    await admin.end();
    await server.stop();
  }
}
