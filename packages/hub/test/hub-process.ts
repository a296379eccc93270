import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { HubAddress } from './rest-door.ts';

const CHILD = fileURLToPath(new URL('hub-child.ts', import.meta.url));

export interface HubProcess extends HubAddress {
  /** Resident memory now and at its highest, in bytes. */
  memory(): Promise<{ now: number; highest: number }>;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** A hub as a process of its own, to be measured alone or killed at any moment. */
export const startHubProcess = async (dataDir: string): Promise<HubProcess> => {
  const child = fork(CHILD, [dataDir], {
    execArgv: ['--conditions=@act/source', '--import', import.meta.resolve('tsx')],
  });
  const ended = once(child, 'exit');
  const early = ended.then(() => Promise.reject(new Error('the hub ended while it started')));
  early.catch(() => undefined);
  const [address] = (await Promise.race([once(child, 'message'), early])) as [HubAddress];
  return {
    ...address,
    memory: async () => {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
      const kilobytes = (name: string): number =>
        Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
      return { now: kilobytes('VmRSS') * 1_024, highest: kilobytes('VmHWM') * 1_024 };
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    stop: async () => {
      child.disconnect();
      await ended;
    },
  };
};
