import { setTimeout as sleep } from 'node:timers/promises';
import { restCommand } from '../wire/rest.ts';
import type { Address, RawAnswer, RawCall } from '../wire/rest.ts';

export interface Callers {
  /** How long each claim took, in milliseconds. */
  readonly claimMs: readonly number[];
  /** What was not answered as it has to be: call and refusal or error. */
  readonly failures: readonly string[];
  /** Reads at one hub that did not see what another one had answered before. */
  readonly staleReads: () => number;
  readonly completed: () => number;
  stop(): Promise<void>;
}

const LEASE_MS = 10_000;

type Output = Readonly<Record<string, unknown>>;

const READ_TRIES = 5;
const READ_AGAIN_MS = 100;

/** The version of a key of the live state, as a hub tells it. Where it says that it cannot tell now it is asked again. */
const readVersion = async ({ url, token }: Address, projectId: string, key: string): Promise<number> => {
  for (let tries = 0; tries < READ_TRIES; tries++) {
    const response = await fetch(`${url}/v1/projects/${projectId}/state/${key}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    const { version } = (await response.json()) as { version?: number };
    if (response.status !== 503) return version ?? 0;
    await sleep(READ_AGAIN_MS);
  }
  return 0;
};

/**
 * Agents that make, claim and complete tasks, each call at another hub and tried once; in between they write to the
 * live state at one hub and read it at the next.
 */
export const startCallers = (
  hubs: readonly Address[],
  projectId: string,
  agents: number,
  pauseMs: number,
): Callers => {
  const claimMs: number[] = [];
  const failures: string[] = [];
  let [staleReads, completed, isStopping] = [0, 0, false];

  const work = async (agent: number): Promise<void> => {
    let turn = agent;
    const address = (): Address => {
      const next = hubs[turn++ % hubs.length];
      if (!next) throw new Error('no hubs');
      return next;
    };
    const call = async (name: RawCall['name'], input: RawCall['input']): Promise<Output | undefined> => {
      const answer: RawAnswer = await restCommand(address(), { name, projectId, input });
      if (answer.type === 'ok') return answer.output as Output;
      failures.push(`${name}: ${answer.type === 'fail' ? answer.refusal : answer.error}`);
      return undefined;
    };
    const register = async (): Promise<unknown> => {
      const session = { agentId: `agent-${agent}`, leaseMs: LEASE_MS };
      return (await call('agent.register', session))?.['sessionId'];
    };
    const takeTask = async (sessionId: unknown): Promise<boolean> => {
      const taskId = (await call('task.create', { title: `of ${agent}` }))?.['taskId'];
      const startedAt = performance.now();
      const claim = await call('task.claim', { taskId, sessionId });
      claimMs.push(performance.now() - startedAt);
      if (!claim) return false;
      if (await call('task.complete', { taskId, sessionId, epoch: claim['epoch'] })) completed++;
      return true;
    };
    const writeState = async (value: number): Promise<void> => {
      const key = `agent-${agent}`;
      const version = (await call('state.put', { key, value }))?.['version'];
      if (typeof version === 'number' && (await readVersion(address(), projectId, key)) < version)
        staleReads++;
    };
    let sessionId = await register();
    for (let round = 0; !isStopping; round++) {
      if (!(await takeTask(sessionId))) sessionId = await register();
      await writeState(round);
      await sleep(pauseMs);
    }
  };
  const working = Array.from({ length: agents }, (_, agent) => work(agent));
  return {
    claimMs,
    failures,
    staleReads: () => staleReads,
    completed: () => completed,
    stop: async () => {
      isStopping = true;
      await Promise.all(working);
    },
  };
};

/** Somebody who makes a task at one hub every so often, and nothing else. */
export const startWriter = (
  address: Address,
  projectId: string,
  everyMs: number,
): { readonly stop: () => Promise<void> } => {
  let isStopping = false;
  const write = async (): Promise<void> => {
    for (let count = 0; !isStopping; count++) {
      await restCommand(address, { name: 'task.create', projectId, input: { title: `task ${count}` } });
      await sleep(everyMs);
    }
  };
  const writing = write();
  return {
    stop: async () => {
      isStopping = true;
      await writing;
    },
  };
};
