import { uuidv7 } from 'uuidv7';

import { startChild } from '../load/child.ts';
import { drive } from '../load/drive.ts';
import { HttpConnection } from '../load/http-connection.ts';
import { HubCaller } from '../load/hub-caller.ts';
import { launchHub, withDirectory } from '../load/launch-hub.ts';
import type { LaunchedHub } from '../load/launch-hub.ts';
import { readyTasks, registerAgents, seedProject } from '../load/project.ts';
import {
  alternate,
  describeHost,
  makePrint,
  median,
  postgresCpuUs,
  processCpuUs,
  publish,
  readFlags,
} from '../measure/index.ts';
import type { Bound, Case, CaseReport, Host, Published, Report } from '../measure/index.ts';
import type { FastifyProcess } from './fastify-process.ts';

const DEFAULTS = { rounds: 5, requests: 3_000, warmup: 6_000, connections: 32 };
const RATIO_MAX = 2.5;

type Sizes = typeof DEFAULTS;

export interface GatewayFigures {
  bench: 'gateway';
  host: Host;
  sizes: Sizes;
  /** CPU of the hub's process per task.claim ÷ CPU of a bare fastify process per request of the same size. */
  ratioToFastify: number;
  ratioToFastifyWithSchema: number;
  cpuUsPerClaim: number;
  cpuUsPerFastify: number;
  cpuUsPerFastifyWithSchema: number;
  /** Two calls. */
  cpuUsPerNextAndComplete: number;
  ratioOfNextAndCompleteToTwoFastify: number;
  dbCpuUsPerClaim: number;
  dbCpuUsPerNextAndComplete: number;
  p50Ms: number;
  p99Ms: number;
  fastifyP50Ms: number;
  fastifyP99Ms: number;
  responseBytes: number;
  report: Report;
}

interface Server {
  name: string;
  pid: number;
  databasePid?: number;
  /** Sends the operation of that number; throws unless it was done. */
  operate: (number: number, connection: number) => Promise<void>;
  close: () => void;
}

async function openFastify(
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

interface Scene {
  hub: LaunchedHub;
  callers: HubCaller[];
  projectId: string;
  sessions: string[];
  taskIds: string[];
}

async function setScene(hub: LaunchedHub, { connections, ...sizes }: Sizes): Promise<Scene> {
  const callers = await Promise.all(Array.from({ length: connections }, () => HubCaller.open(hub)));
  const [caller] = callers;
  if (!caller) throw new Error('--connections starts at 1');
  const projectId = await seedProject(caller, { open: sizes.warmup + sizes.rounds * sizes.requests + 1 });
  const sessions = await registerAgents(caller, projectId, connections);
  return { hub, callers, projectId, sessions, taskIds: await readyTasks(caller, projectId) };
}

const closeAll = (callers: readonly HubCaller[]) => (): void => callers.forEach((caller) => caller.close());

/** Claims the tasks in the order of their creation, each once. */
function claimServer({ hub, callers, projectId, sessions, taskIds }: Scene): Server {
  return {
    ...hub,
    name: 'act task.claim',
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

function nextServer({ hub, callers, projectId, sessions }: Scene): Server {
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

function caseOf(server: Server, { requests, connections }: Sizes): Case {
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

const cpuRatio = (own: CaseReport, reference: CaseReport, per = 1): number =>
  median(
    own.rounds.map(
      ({ nodeCpuUs = Number.NaN }, round) =>
        nodeCpuUs / per / (reference.rounds[round]?.nodeCpuUs ?? Number.NaN),
    ),
  );

function figuresOf(report: Report, sizes: Sizes, responseBytes: number): GatewayFigures {
  const [plain, schema, claim, next] = report.cases;
  if (!plain || !schema || !claim || !next) throw new Error('a case is missing');
  const cpuUs = ({ summary }: CaseReport): number => summary.nodeCpuUs?.median ?? Number.NaN;
  const dbCpuUs = ({ summary }: CaseReport): number => summary.dbCpuUs?.median ?? Number.NaN;
  return {
    bench: 'gateway',
    host: describeHost(),
    sizes,
    ratioToFastify: cpuRatio(claim, plain),
    ratioToFastifyWithSchema: cpuRatio(claim, schema),
    cpuUsPerClaim: cpuUs(claim),
    cpuUsPerFastify: cpuUs(plain),
    cpuUsPerFastifyWithSchema: cpuUs(schema),
    cpuUsPerNextAndComplete: cpuUs(next),
    ratioOfNextAndCompleteToTwoFastify: cpuRatio(next, plain, 2),
    dbCpuUsPerClaim: dbCpuUs(claim),
    dbCpuUsPerNextAndComplete: dbCpuUs(next),
    p50Ms: claim.summary.p50Ms?.median ?? Number.NaN,
    p99Ms: claim.summary.p99Ms?.median ?? Number.NaN,
    fastifyP50Ms: plain.summary.p50Ms?.median ?? Number.NaN,
    fastifyP99Ms: plain.summary.p99Ms?.median ?? Number.NaN,
    responseBytes,
    report,
  };
}

async function measure(
  hub: LaunchedHub,
  sizes: Sizes,
  print: (text: string) => void,
): Promise<GatewayFigures> {
  const claims = await setScene(hub, sizes);
  const nexts = await setScene(hub, sizes);
  const taskIds = [...claims.taskIds];
  claims.taskIds.reverse();
  const sample = await claims.callers[0]?.command('task.claim', claims.projectId, {
    taskId: claims.taskIds.pop() ?? '',
    sessionId: claims.sessions[0] ?? '',
  });
  const answer = JSON.stringify(sample);
  const plain = await startChild<FastifyProcess>('gateway/fastify-process', ['--answer', answer]);
  const schema = await startChild<FastifyProcess>('gateway/fastify-process', [
    '--answer',
    answer,
    '--schema',
  ]);
  const servers = [
    await openFastify(plain.line, 'fastify', sizes, taskIds),
    await openFastify(schema.line, 'fastify with schemas', sizes, taskIds),
    claimServer(claims),
    nextServer(nexts),
  ];
  try {
    const cases = servers.map((server) => caseOf(server, sizes));
    for (const server of servers) {
      print(`warming up ${server.name} with ${sizes.warmup} operations`);
      await caseOf(server, { ...sizes, requests: sizes.warmup }).run();
    }
    const report = await alternate(cases, { rounds: sizes.rounds, unit: 'operations', print });
    return figuresOf(report, sizes, Buffer.byteLength(answer));
  } finally {
    for (const server of servers) server.close();
    await Promise.all([plain.stop(), schema.stop()]);
  }
}

/**
 * `npm run bench -- gateway [--json] [--assert] [--rounds N] [--requests N] [--warmup N] [--connections N]`: what a
 * claim over REST costs the hub's process, embedded database not counted, beside a bare fastify server that takes and
 * gives as many bytes. All servers are processes of their own, this one makes the load, rounds alternate.
 */
export async function runGateway(argv: readonly string[]): Promise<Published<GatewayFigures>> {
  const { json, assert, only: _only, data: _data, ...sizes } = readFlags(argv, DEFAULTS);
  const figures = await withDirectory(async (directory) => {
    const hub = await launchHub('postgres', `${directory}/data`);
    try {
      return await measure(hub, sizes, makePrint(json));
    } finally {
      await hub.stop();
    }
  });
  const bounds: Bound[] = [{ figure: 'ratioToFastify', value: figures.ratioToFastify, max: RATIO_MAX }];
  return publish(figures, bounds, { json, ...(assert && { assert }) });
}
