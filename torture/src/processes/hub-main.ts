import { writeFileSync } from 'node:fs';
import { startHub } from '@agentmix/act-hub';
import { retainedMemory } from './retained-memory.ts';
import { watchStalls } from './stall-probe.ts';

const [dataDir = '', port = '0', databaseUrl] = process.argv.slice(2);

// A pod's limits, where it is to have them; what it loaded before is charged to nobody, and is in its resident memory.
for (const file of (process.env['ACT_TORTURE_CGROUPS'] ?? '').split(':').filter((name) => name !== ''))
  writeFileSync(file, String(process.pid));

/**
 * A hub as a process of its own, to be killed at any moment. It tells its parent where it serves, and ends when its
 * database does or when its parent is gone.
 */
const hub = await startHub({
  dataDir,
  port: Number(port),
  logLevel: process.env['ACT_TORTURE_LOG'] ?? 'error',
  ...(databaseUrl === undefined ? {} : { databaseUrl }),
});
process.send?.({ kind: 'ready', url: hub.url, token: hub.token });
const stalls = process.env['ACT_TORTURE_STALLS'] === undefined ? undefined : watchStalls();
process.on('message', (message) => {
  if (message === 'stalls' && stalls) process.send?.(stalls());
  if (message === 'memory') process.send?.(retainedMemory());
  if (message === 'stop') void hub.stop().then(() => process.exit(0));
});
process.on('disconnect', () => void hub.stop().then(() => process.exit(0)));
process.exit(await hub.failed.then(() => 3));
