import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEngine } from './engine.ts';
import type { Engine } from './engine.ts';
import { choosePort } from './free-port.ts';

/** A Redis of its own on the loopback address; what it holds is gone with each kill. */
export const startRedis = async (): Promise<Engine & { readonly url: string }> => {
  const dir = await mkdtemp(join(tmpdir(), 'act-redis-'));
  const port = await choosePort();
  const settings = { port, bind: '127.0.0.1', dir, save: '', appendonly: 'no', 'protected-mode': 'yes' };
  const engine = await startEngine(
    {
      command: 'redis-server',
      args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]),
      cwd: dir,
      port,
      logFile: join(dir, 'redis.log'),
    },
    () => rm(dir, { recursive: true, force: true }),
  );
  return Object.assign(engine, { url: `redis://127.0.0.1:${port}` });
};
