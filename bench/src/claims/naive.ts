import type pg from 'pg';

import type { Case } from '../measure/index.ts';
import type { TaskDoor } from './drain.ts';
import type { ClaimEnvironment } from './environment.ts';
import { makeTaskCase } from './task-case.ts';
import { CLAIM, COMPLETE, LEASE_SECONDS, PROJECT_ID } from './task-table.ts';
import type { Grant } from './task-table.ts';

/**
 * The 1× of every ratio: one auto-committed, prepared statement per claim and one per complete. It promises
 * a durable claim and completion, but no order, no event, and no answer to a repeated call.
 *
 * 16 connections were the best of 4, 8, 16 and 24 on 2 cores (0.57, 0.72, 1, 0.87). Free space for updates in
 * place (fillfactor 60) and an index predicate that lets completions be heap-only did not help (0.79, 0.92).
 */
export function makeNaive(environment: ClaimEnvironment): Case {
  return makeTaskCase(environment, {
    name: 'naive: a statement per call',
    database: 'bench_naive',
    connections: 16,
    makeDoor,
  });
}

function makeDoor(pool: pg.Pool): TaskDoor<Grant> {
  return {
    async claim(caller) {
      const { rows } = await pool.query<Grant>({ ...CLAIM, values: [PROJECT_ID, caller, LEASE_SECONDS] });
      return rows[0];
    },
    async complete(caller, grant) {
      const { rowCount } = await pool.query({ ...COMPLETE, values: [grant.id, grant.epoch, caller] });
      if (rowCount !== 1) throw new Error(`task ${grant.id} was completed by someone else`);
    },
  };
}
