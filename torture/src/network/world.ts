import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { HubProcess } from '../processes/hub.ts';
import type { Actor, Stage } from '../processes/stage.ts';
import { connectionsOf } from './connections.ts';
import { Network } from './network.ts';
import type { Host } from './network.ts';

const DATABASE_PORT = 5_432;

interface Ready {
  readonly kind: 'ready';
  readonly socketDir: string;
  readonly port: number;
  readonly user: string;
}

/** A database and two hubs, each on a host of its own; the agents are here. */
export interface World {
  readonly network: Network;
  readonly database: Host & { readonly socketDir: string };
  readonly hubs: readonly PlacedHub[];
}

export interface PlacedHub {
  readonly hub: HubProcess;
  readonly host: Host;
}

const startDatabase = async (stage: Stage, host: Host): Promise<Ready> => {
  const dataDir = join(stage.dir, 'database');
  mkdirSync(dataDir, { mode: 0o711 });
  const { namespace, address } = host;
  const actor: Actor = stage.start('database-main', [dataDir, address], { namespace });
  stage.onClose(async () => {
    actor.send('stop');
    await actor.exited;
  });
  return actor.message<Ready>('ready');
};

/** The second hub is given the keys of the first. Both make the schema by the socket, which no cut reaches. */
export const openWorld = async (stage: Stage, log: (line: string) => void): Promise<World> => {
  const network = Network.open(stage, log);
  const at = network.addHost('database');
  const { socketDir, port, user } = await startDatabase(stage, at);
  const migrateUrl = `postgres://${user}@/act?host=${encodeURIComponent(socketDir)}&port=${port}`;
  const hubs: PlacedHub[] = [];
  for (const name of ['hub1', 'hub2']) {
    const host = network.addHost(name);
    const env = {
      ACT_HOST: host.address,
      ACT_ALLOWED_HOSTS: host.address,
      // Nobody else is on this network.
      ACT_TLS_TERMINATED: '1',
      ACT_DATABASE_IN_CLEAR: '1',
      ACT_MIGRATE_URL: migrateUrl,
      ...hubs[0]?.hub.keys,
    };
    const databaseUrl = `postgres://act_app@${at.address}:${DATABASE_PORT}/act`;
    hubs.push({ host, hub: await HubProcess.start(stage, name, databaseUrl, env, host) });
  }
  return { network, database: { ...at, socketDir }, hubs };
};

/** Ports of those whose connections the hub keeps, and its own ports of connections to its database. */
export const heldBy = ({ hub }: PlacedHub): { fromAgents: number[]; toDatabase: number[] } => {
  const connections = connectionsOf(hub.pid);
  const fromAgents = connections.filter(({ localPort }) => localPort === hub.port);
  const toDatabase = connections.filter(({ remotePort }) => remotePort === DATABASE_PORT);
  return {
    fromAgents: fromAgents.map(({ remotePort }) => remotePort),
    toDatabase: toDatabase.map(({ localPort }) => localPort),
  };
};
