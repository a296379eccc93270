import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startEngine } from './engine.ts';
import type { Engine } from './engine.ts';
import { choosePort } from './free-port.ts';

export interface RedisServer extends Engine {
  readonly url: string;
  /** Gives a command, as anybody on this machine can, and reads the answer. */
  ask(...command: string[]): Promise<unknown>;
}

/** A Redis of its own on the loopback address; what it holds is gone with each kill. `more`: settings of redis.conf. */
export const startRedis = async (more: Readonly<Record<string, string>> = {}): Promise<RedisServer> => {
  const dir = await mkdtemp(join(tmpdir(), 'act-redis-'));
  const port = await choosePort();
  const own = { port, bind: '127.0.0.1', dir, save: '', appendonly: 'no', 'protected-mode': 'yes' };
  const engine = await startEngine(
    {
      command: 'redis-server',
      args: Object.entries({ ...own, ...more }).flatMap(([name, value]) => [`--${name}`, String(value)]),
      cwd: dir,
      port,
      logFile: join(dir, 'redis.log'),
    },
    () => rm(dir, { recursive: true, force: true }),
  );
  const ask = async (...command: string[]): Promise<unknown> => {
    const { stdout } = await promisify(execFile)('redis-cli', ['-p', String(port), '--json', ...command]);
    return JSON.parse(stdout) as unknown;
  };
  return Object.assign(engine, { url: `redis://127.0.0.1:${port}`, ask });
};
