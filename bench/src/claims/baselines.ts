import { fileURLToPath } from 'node:url';

import type { Case } from '../measure/index.ts';
import type { ClaimEnvironment } from './environment.ts';
import { makeGraphileWorker } from './graphile-worker.ts';
import { makeNaive } from './naive.ts';
import { makePgBoss } from './pg-boss.ts';
import { runClaims } from './run-claims.ts';
import { makeSamePromisesStatement } from './same-promises-statement.ts';
import { makeSamePromises } from './same-promises.ts';

/** What the hub is measured against; the first is the 1×. */
export function makeBaselines(environment: ClaimEnvironment): Case[] {
  return [
    makeNaive(environment),
    makeSamePromises(environment),
    makeSamePromisesStatement(environment),
    makeGraphileWorker(environment),
    makePgBoss(environment),
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await runClaims(process.argv.slice(2), makeBaselines);
