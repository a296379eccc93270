import { startChild } from '../load/child.ts';
import { launchHub, launchOpenHub, withDirectory } from '../load/launch-hub.ts';
import type { LaunchedHub } from '../load/launch-hub.ts';
import { alternate, makePrint, publish, readFlags } from '../measure/index.ts';
import type { Bound, Published } from '../measure/index.ts';
import type { FastifyProcess } from './fastify-process.ts';
import { figuresOf } from './figures.ts';
import type { GatewayFigures } from './figures.ts';
import { graphqlClaimServer } from './graphql-claim.ts';
import { caseOf, claimServer, DEFAULTS, exchangeKey, nextServer, openFastify, setScene } from './servers.ts';
import type { Sizes } from './servers.ts';

const RATIO_MAX = 2.5;
const ACCESS_RATIO_MAX = 1.3;
const GRAPHQL_RATIO_MAX = 1.5;

/** One for each case, so that none has been warmed up by the work of another. */
interface Hubs {
  key: LaunchedHub;
  token: LaunchedHub;
  /** Checks and counts nobody. */
  open: LaunchedHub;
  next: LaunchedHub;
  graphql: LaunchedHub;
}

/** Starts them one after another; those that run are stopped whatever happens. */
async function withHubs<T>(use: (hubs: Hubs) => Promise<T>): Promise<T> {
  return withDirectory(async (directory) => {
    const running: LaunchedHub[] = [];
    const start = async (name: string, launch: (dataDir: string) => Promise<LaunchedHub>) => {
      const hub = await launch(`${directory}/${name}`);
      running.push(hub);
      return hub;
    };
    const launchChecked = (dataDir: string) => launchHub('postgres', dataDir, { counted: true });
    try {
      return await use({
        key: await start('key', launchChecked),
        token: await start('token', launchChecked),
        open: await start('open', launchOpenHub),
        next: await start('next', launchChecked),
        graphql: await start('graphql', launchChecked),
      });
    } finally {
      await Promise.all(running.map((hub) => hub.stop()));
    }
  });
}

async function measure(hubs: Hubs, sizes: Sizes, print: (text: string) => void): Promise<GatewayFigures> {
  const claims = await setScene(hubs.key, sizes);
  const tokenClaims = await setScene(await exchangeKey(hubs.token), sizes);
  const openClaims = await setScene(hubs.open, sizes);
  const nexts = await setScene(hubs.next, sizes);
  const graphqlClaims = await setScene(hubs.graphql, sizes);
  const taskIds = claims.taskIds.toReversed();
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
    claimServer('act task.claim, API key', claims),
    claimServer('act task.claim, access token', tokenClaims),
    claimServer('act task.claim, nothing checked', openClaims),
    nextServer(nexts),
    graphqlClaimServer('act taskClaim over GraphQL, API key', graphqlClaims),
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
 * gives as many bytes, beside a hub that checks and counts nobody, and beside the same claim over GraphQL. All servers are processes of their own, this
 * one makes the load, rounds alternate.
 */
export async function runGateway(argv: readonly string[]): Promise<Published<GatewayFigures>> {
  const { json, assert, only: _only, data: _data, ...sizes } = readFlags(argv, DEFAULTS);
  const figures = await withHubs((hubs) => measure(hubs, sizes, makePrint(json)));
  const bounds: Bound[] = [
    { figure: 'ratioToFastify', value: figures.ratioToFastify, max: RATIO_MAX },
    { figure: 'accessRatio', value: figures.accessRatio, max: ACCESS_RATIO_MAX },
    { figure: 'graphqlRatio', value: figures.graphqlRatio.median, max: GRAPHQL_RATIO_MAX },
  ];
  return publish(figures, bounds, { json, ...(assert && { assert }) });
}
