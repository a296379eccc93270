import { describeHost, spread } from '../measure/index.ts';
import type { CaseReport, Host, Report, Spread } from '../measure/index.ts';
import type { Sizes } from './servers.ts';

/** CPU of a process per operation ÷ that of another in the same round. */
export interface GatewayFigures {
  bench: 'gateway';
  host: Host;
  sizes: Sizes;
  /** A task.claim with an API key, all checks on and limits counted ÷ a request of the same size to bare fastify. */
  ratioToFastify: number;
  ratioToFastifyWithSchema: number;
  /** The larger of the two below. */
  accessRatio: number;
  /** A claim with an API key ÷ one at the same hub that checks no token and no role, and counts nobody. */
  accessRatioOfKey: Spread;
  /** The same with an access token. */
  accessRatioOfToken: Spread;
  /** The database's CPU, the same two. */
  dbAccessRatioOfKey: Spread;
  dbAccessRatioOfToken: Spread;
  /** The same claim as a mutation, with the same answer, ÷ one over REST. */
  graphqlRatio: Spread;
  cpuUsPerGraphqlClaim: number;
  cpuUsPerClaim: number;
  cpuUsPerClaimWithToken: number;
  cpuUsPerOpenClaim: number;
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

const ratios = (
  own: CaseReport,
  reference: CaseReport,
  kind: 'nodeCpuUs' | 'dbCpuUs' = 'nodeCpuUs',
): Spread =>
  spread(
    own.rounds.map(
      (round, index) => (round[kind] ?? Number.NaN) / (reference.rounds[index]?.[kind] ?? Number.NaN),
    ),
  );
const cpuUs = ({ summary }: CaseReport): number => summary.nodeCpuUs?.median ?? Number.NaN;
const dbCpuUs = ({ summary }: CaseReport): number => summary.dbCpuUs?.median ?? Number.NaN;

/** The cases in the order in which the bench runs them. */
export function figuresOf(report: Report, sizes: Sizes, responseBytes: number): GatewayFigures {
  const [plain, schema, claim, tokenClaim, openClaim, next, graphql] = report.cases;
  if (!plain || !schema || !claim || !tokenClaim || !openClaim || !next || !graphql)
    throw new Error('a case is missing');
  const accessRatioOfKey = ratios(claim, openClaim);
  const accessRatioOfToken = ratios(tokenClaim, openClaim);
  return {
    bench: 'gateway',
    host: describeHost(),
    sizes,
    ratioToFastify: ratios(claim, plain).median,
    ratioToFastifyWithSchema: ratios(claim, schema).median,
    accessRatio: Math.max(accessRatioOfKey.median, accessRatioOfToken.median),
    accessRatioOfKey,
    accessRatioOfToken,
    dbAccessRatioOfKey: ratios(claim, openClaim, 'dbCpuUs'),
    dbAccessRatioOfToken: ratios(tokenClaim, openClaim, 'dbCpuUs'),
    graphqlRatio: ratios(graphql, claim),
    cpuUsPerGraphqlClaim: cpuUs(graphql),
    cpuUsPerClaim: cpuUs(claim),
    cpuUsPerClaimWithToken: cpuUs(tokenClaim),
    cpuUsPerOpenClaim: cpuUs(openClaim),
    cpuUsPerFastify: cpuUs(plain),
    cpuUsPerFastifyWithSchema: cpuUs(schema),
    cpuUsPerNextAndComplete: cpuUs(next),
    ratioOfNextAndCompleteToTwoFastify: ratios(next, plain).median / 2,
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
