import { hubCalls } from '@agentmix/act-contract';
import { uuidv7 } from 'uuidv7';

import { drive } from '../load/drive.ts';
import { HttpConnection } from '../load/http-connection.ts';
import { HubCaller } from '../load/hub-caller.ts';
import type { LaunchedHub } from '../load/launch-hub.ts';
import { readyTasks, registerAgents, seedProject } from '../load/project.ts';
import { postgresCpuUs, processCpuUs } from '../measure/index.ts';
import type { Case } from '../measure/index.ts';
import type { FastifyProcess } from './fastify-process.ts';

export const DEFAULTS = { rounds: 5, requests: 3_000, warmup: 6_000, connections: 32 };

export type Sizes = typeof DEFAULTS;

/** Something that does one kind of operation. */
export interface Server {
  name: string;
  pid: number;
  databasePid?: number;
  /** Sends the operation of that number; throws unless it was done. */
  operate: (number: number, connection: number) => Promise<void>;
  close: () => void;
}

export async function openFastify(
  { url, pid }: FastifyProcess,
  name: string,
  { connections: count }: Sizes,
  taskIds: readonly string[],
): Promise<Server> {
  const connections = await Promise.all(
    Array.from({ length: count }, () => HttpConnection.open(url, 'x'.repeat(42))),
  );
  const project = uuidv7();
  return {
    name,
    pid,
    operate: async (number, index) => {
      const path = `/v1/projects/${project}/tasks/${taskIds[number % taskIds.length]}/claim`;
      const key = `idempotency-key: ${uuidv7()}\r\n`;
      const answer = await connections[index]?.request(
        'POST',
        path,
        JSON.stringify({ sessionId: project }),
        key,
      );
      if (answer?.status !== 200) throw new Error(`fastify answered ${answer?.status}: ${answer?.body}`);
    },
    close: () => connections.forEach((connection) => connection.close()),
  };
}

/** A project whose tasks are there to be claimed, and who claims them. */
export interface Scene {
  hub: LaunchedHub;
  callers: HubCaller[];
  projectId: string;
  sessions: string[];
  taskIds: string[];
}

/** Exchanges the hub's key for an access token. */
export async function exchangeKey(hub: LaunchedHub): Promise<LaunchedHub> {
  const connection = await HttpConnection.open(hub.url, hub.token);
  const { status, body } = await connection.request('POST', `/v1${hubCalls['token.issue'].route.path}`, '{}');
  connection.close();
  if (status !== 200) throw new Error(`no token: ${body}`);
  const { token } = JSON.parse(body) as { token: string };
  return { ...hub, token };
}

/** Fills a project, then lets each caller show its key or token: a connection without one would be closed. */
export async function setScene(hub: LaunchedHub, { connections, ...sizes }: Sizes): Promise<Scene> {
  const caller = await HubCaller.open(hub);
  const projectId = await seedProject(caller, { open: sizes.warmup + sizes.rounds * sizes.requests + 1 });
  const sessions = await registerAgents(caller, projectId, connections);
  const taskIds = await readyTasks(caller, projectId);
  const others = Array.from({ length: connections - 1 }, async () => {
    const other = await HubCaller.open(hub);
    await other.query('project.get', projectId, {});
    return other;
  });
  return {
    hub,
    callers: [caller, ...(await Promise.all(others))],
    projectId,
    sessions,
    taskIds: taskIds.reverse(),
  };
}

const closeAll = (callers: readonly HubCaller[]) => (): void => callers.forEach((caller) => caller.close());

/** Claims the tasks in the order of their creation, each once. */
export function claimServer(name: string, { hub, callers, projectId, sessions, taskIds }: Scene): Server {
  return {
    ...hub,
    name,
    operate: async (_number, index) => {
      const sessionId = sessions[index] ?? '';
      const answer = await callers[index]?.send('task.claim', projectId, {
        taskId: taskIds.pop() ?? '',
        sessionId,
      });
      if (answer?.status !== 200)
        throw new Error(`task.claim was answered ${answer?.status}: ${answer?.body}`);
    },
    close: closeAll(callers),
  };
}

export function nextServer({ hub, callers, projectId, sessions }: Scene): Server {
  return {
    ...hub,
    name: 'act task.next + task.complete',
    operate: async (_number, index) => {
      const caller = callers[index];
      const sessionId = sessions[index] ?? '';
      const { claim } = (await caller?.command('task.next', projectId, { sessionId })) ?? {};
      if (!claim) throw new Error('there was no task');
      const { taskId, epoch } = claim;
      await caller?.command('task.complete', projectId, { sessionId, taskId, epoch });
    },
    close: closeAll(callers),
  };
}

export function caseOf(server: Server, { requests, connections }: Sizes): Case {
  const { name, pid, databasePid } = server;
  const numbers = Array.from({ length: connections }, (_, index) => index);
  return {
    name,
    run: async () => {
      const dbBefore = databasePid === undefined ? 0 : postgresCpuUs(databasePid);
      const before = processCpuUs(pid);
      const start = performance.now();
      const latenciesMs = await drive(numbers, requests, (_worker, number, index) =>
        server.operate(number, index),
      );
      const seconds = (performance.now() - start) / 1_000;
      const nodeCpuUs = processCpuUs(pid) - before;
      const result = { count: requests, seconds, latenciesMs, nodeCpuUs };
      return databasePid === undefined
        ? result
        : { ...result, dbCpuUs: postgresCpuUs(databasePid) - dbBefore };
    },
  };
}
