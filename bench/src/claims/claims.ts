import { makeAct } from './act.ts';
import { makeBaselines } from './baselines.ts';
import { runClaims } from './run-claims.ts';
import type { ClaimsReport } from './run-claims.ts';

const HOT_CALLERS = 256;
const PROJECTS = 100;

/** The hub's claims beside its baselines, one hot project with 256 and 64 callers, then 100 projects. */
export const runClaimsBench = (argv: readonly string[]): Promise<ClaimsReport> =>
  runClaims(argv, (environment) => [
    ...makeBaselines(environment),
    makeAct({ ...environment, callers: HOT_CALLERS }),
    makeAct(environment),
    makeAct({ ...environment, callers: HOT_CALLERS }, PROJECTS),
  ]);
