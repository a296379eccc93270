import { parseArgs } from 'node:util';

import { startHub } from '@agentmix/act-hub';
import { makeMemoryStore, makeMemoryTokenStores } from '@agentmix/act-memory';

import { COUNTED_LIMITS, NO_LIMITS } from './load/no-limits.ts';

/** What the parent reads: one JSON line, as soon as the hub serves. */
export interface HubProcess {
  url: string;
  token: string;
  pid: number;
  /** Of the embedded server's first process; absent on the memory store. */
  databasePid?: number;
}

/**
 * A hub in a process of its own: `hub-process --data-dir DIR --store postgres|memory [--counted]`, whose limits are
 * none, or counted and never reached. It stops, and its embedded server with it, when standard input ends, which also
 * happens when the parent dies.
 */
const { values } = parseArgs({
  options: {
    'data-dir': { type: 'string' },
    store: { type: 'string', default: 'postgres' },
    counted: { type: 'boolean', default: false },
  },
});
const dataDir = values['data-dir'];
if (dataDir === undefined) throw new Error('--data-dir is missing');
const memoryStores = () => {
  const options = { clock: () => Date.now() };
  return { store: makeMemoryStore(options), ...makeMemoryTokenStores(options) };
};
const hub = await startHub({
  dataDir,
  port: 0,
  host: '127.0.0.1',
  logLevel: 'fatal',
  limits: values.counted ? COUNTED_LIMITS : NO_LIMITS,
  ...(values.store === 'memory' && { stores: memoryStores() }),
});
const { url, token, databasePid } = hub;
const line: HubProcess = { url, token, pid: process.pid, ...(databasePid !== undefined && { databasePid }) };
process.stdout.write(`${JSON.stringify(line)}\n`);
process.stdin.resume().once('end', () => {
  // Not awaited: the process ends when the hub has let go of everything.
  void hub.stop().then(() => process.exit(0));
});
