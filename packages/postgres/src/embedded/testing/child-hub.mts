/**
 * A hub process as small as can be, for tests that kill it. The first argument is a JSON object:
 * `{ dataDir, startAtMs?, binDir?, settings? }` starts the embedded server at that moment and stops it when a line
 * arrives on stdin; `{ lockDirs, startAtMs, everyMs }` takes the lock of one directory after the other, each at
 * its moment, and keeps them. Answers are JSON lines on stdout.
 */
import { acquireLock } from '../lock.ts';
import { startEmbedded, type EmbeddedOptions } from '../start-embedded.ts';

interface Orders extends EmbeddedOptions {
  startAtMs?: number;
  lockDirs?: string[];
  everyMs?: number;
}

const orders = JSON.parse(process.argv[2] ?? '{}') as Orders;
const say = (value: Record<string, unknown>): void => void process.stdout.write(`${JSON.stringify(value)}\n`);
const spinUntil = (atMs: number): void => {
  while (Date.now() < atMs) continue;
};
const failure = (error: unknown): Record<string, unknown> =>
  error instanceof Error ? { event: 'error', name: error.name, message: error.message } : { event: 'error' };

// The terminal's Ctrl-C: this hub has not decided yet.
process.on('SIGINT', () => undefined);

if (orders.lockDirs !== undefined) {
  const won = orders.lockDirs.map((directory, index) => {
    spinUntil((orders.startAtMs ?? 0) + index * (orders.everyMs ?? 0));
    try {
      acquireLock(directory);
      return true;
    } catch (error) {
      return error instanceof Error && error.name === 'DataDirectoryInUse' ? false : String(error);
    }
  });
  say({ event: 'locks', won });
  process.stdin.once('data', () => process.stdin.destroy());
} else {
  const { startAtMs = 0, ...options } = orders;
  spinUntil(startAtMs);
  const startedMs = performance.now();
  try {
    const server = await startEmbedded(options);
    const ms = Math.round(performance.now() - startedMs);
    const { pid, adopted, socketDir, port } = server;
    say({ event: 'ready', pid, adopted, socketDir, port, ms });
    // Nothing here calls process.exit: the process must end because nothing keeps it.
    process.stdin.once('data', () => {
      process.stdin.destroy();
      void server.stop().then(() => say({ event: 'stopped' }));
    });
  } catch (error) {
    say(failure(error));
  }
}
