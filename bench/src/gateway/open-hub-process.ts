import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';

import { HUB_PROJECT_ID } from '@agentmix/act-contract';
import { Calls, CoordinationService, Directory, makeKey, openAccess, readConfig } from '@agentmix/act-hub';
import { openKeyProvider } from '@agentmix/act-hub/access';
import { makeLogger, makeServiceMetrics, openDatabase, openDoors } from '@agentmix/act-hub/parts';
import type { Gate } from '@agentmix/act-hub/parts';
import { uuidv7 } from 'uuidv7';

import type { HubProcess } from '../hub-process.ts';
import { NO_LIMITS } from '../load/no-limits.ts';

/**
 * The hub’s own parts without what access and limits cost a call: `open-hub-process --data-dir DIR` takes whoever
 * comes for its owner, looks at no token and no role, counts nobody, and notes no refused attempt. All else is as
 * `startHub` makes it: guard, body deadlines, schemas, the hash chain. It exists in this bench only, as what a hub
 * with access is measured against.
 */
const { values } = parseArgs({ options: { 'data-dir': { type: 'string' } } });
const dataDir = values['data-dir'];
if (dataDir === undefined) throw new Error('--data-dir is missing');

const config = readConfig({ dataDir, host: '127.0.0.1', port: 0, limits: NO_LIMITS }, {});
const logger = makeLogger('fatal');
const warn = (message: string, fields: Record<string, unknown>): void => logger.warn(fields, message);
const database = await openDatabase(config, {}, () => undefined);
const { store } = database.stores;
const keys = await openKeyProvider(config);
const metrics = makeServiceMetrics(() => service);
const service = new CoordinationService({
  store,
  keys,
  retentionMs: config.retentionMs,
  log: warn,
  onCommit: metrics.onCommit,
  onFanOut: metrics.onFanOut,
});
const { text: ownerKey } = makeKey(uuidv7(), 'test');
const opened = await openAccess({
  stores: database.stores,
  service,
  directory: new Directory(store, warn),
  ownerKey,
  keyProvider: keys,
  config,
  log: warn,
});

const owner = await opened.access.authenticate(ownerKey);
if (!owner.ok) throw new Error(`the owner was refused: ${owner.refusal.code}`);
const authorized = opened.access.authorize(owner.bearer, HUB_PROJECT_ID, 'owner');
const access = { authorize: () => authorized, watch: () => () => undefined };
const gate: Gate = {
  enter: () => owner,
  knock: () => undefined,
  peek: () => undefined,
  call: () => undefined,
  project: () => undefined,
};
const calls = new Calls(service, access, { note: () => undefined }, gate);
const { desk, ring } = opened;
const { app, closeDoors, stopRenewal } = await openDoors(
  { access, calls, gate, desk, ring },
  config,
  undefined,
  metrics,
  logger,
);
await app.listen({ host: config.host, port: config.port });
const { port } = app.server.address() as AddressInfo;
const { pid: databasePid } = database;
const line: HubProcess = {
  url: `http://127.0.0.1:${port}`,
  token: ownerKey,
  pid: process.pid,
  ...(databasePid !== undefined && { databasePid }),
};
process.stdout.write(`${JSON.stringify(line)}\n`);

const stop = async (): Promise<void> => {
  stopRenewal();
  await opened.stopAccess();
  await service.stop();
  await closeDoors();
  await database.stop();
};
process.stdin.resume().once('end', () => void stop().then(() => process.exit(0)));
