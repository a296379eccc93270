import { setTimeout as delay } from 'node:timers/promises';

import type { Runner } from 'graphile-worker';
import pg from 'pg';

import { openPool, timed, verifyRowChanges, withDatabase } from '../measure/index.ts';
import type { Case } from '../measure/index.ts';
import type { ClaimEnvironment } from './environment.ts';

const CONCURRENCY = 24;
const JOBS_TABLE = 'graphile_worker._private_jobs';
const WORKER_START_MS_MAX = 10_000;

/** The configuration of the project's published benchmark, perfTest/graphile.config.js of 0.17. */
const WORKER_OPTIONS = {
  concurrentJobs: CONCURRENCY,
  maxPoolSize: CONCURRENCY + 1,
  gracefulShutdownAbortTimeout: 2500,
  localQueue: { size: 500, refetchDelay: { durationMs: 10 } },
  completeJobBatchDelay: 0,
  failJobBatchDelay: 0,
};

/**
 * graphile-worker 0.17 with prefetching and batched completion. It promises less than a hub must: one process
 * holds 500 jobs at a time, a job runs before anyone waits for its claim, and completion is not awaited. A job
 * cannot see its own claim, so there is no latency to report. `callers` does not apply.
 */
export function makeGraphileWorker(environment: ClaimEnvironment): Case {
  const { connection, postmasterPid, tasks } = environment;
  return {
    name: `graphile-worker 0.17: local queue 500, batched complete, concurrency ${CONCURRENCY}`,
    run: () =>
      withDatabase(connection, 'bench_graphile_worker', async (database) => {
        const pool = await openPool(database, CONCURRENCY + 1);
        const gate = new pg.Client(database);
        await gate.connect();
        const runs = new Uint8Array(tasks);
        try {
          const runner = await startBehindGate(pool, gate, runs);
          const section = await timed(async () => {
            await gate.query('rollback');
            await waitUntilEmpty(gate, runs);
          }, postmasterPid);
          await runner.stop();
          await pool.end();
          await verify(database, runs);
          return { ...section, count: tasks };
        } finally {
          await gate.end();
          if (!pool.ended) await pool.end();
        }
      }),
  };
}

/**
 * Seeds the jobs and starts the worker while a table lock keeps it from its first fetch, so that neither the
 * seeding nor the start of the worker is in the timed section: it begins when the lock is given back.
 */
async function startBehindGate(pool: pg.Pool, gate: pg.Client, runs: Uint8Array): Promise<Runner> {
  // Read once when the package is loaded; the published benchmark sets it too.
  process.env['NO_LOG_SUCCESS'] = '1';
  const { Logger, run, runMigrations } = await import('graphile-worker');
  const shared = { pgPool: pool, logger: new Logger(() => () => {}) };
  await runMigrations(shared);
  await gate.query(
    `select count(*) from graphile_worker.add_jobs(array(
       select ('noop', json_build_object('index', n - 1), null, now(), 25, null, 0, null)::graphile_worker.job_spec
       from generate_series(1, $1::int) as n))`,
    [runs.length],
  );
  await gate.query(`vacuum (analyze) ${JOBS_TABLE}`);
  await gate.query(`begin; lock table ${JOBS_TABLE} in access exclusive mode`);
  const runner = await run({
    ...shared,
    noHandleSignals: true,
    preset: { worker: WORKER_OPTIONS },
    taskList: {
      async noop(payload) {
        const { index } = payload as { index: number };
        runs[index] = (runs[index] ?? 0) + 1;
      },
    },
  });
  await waitUntilBlocked(gate);
  return runner;
}

async function waitUntilBlocked(gate: pg.Client): Promise<void> {
  const deadline = performance.now() + WORKER_START_MS_MAX;
  while (performance.now() < deadline) {
    const { rowCount } = await gate.query(
      'select from pg_locks where relation = $1::regclass and not granted',
      [JOBS_TABLE],
    );
    if (rowCount !== null && rowCount > 0) return;
    await delay(5);
  }
  throw new Error(`graphile-worker fetched no job within ${WORKER_START_MS_MAX} ms`);
}

/**
 * Nothing in the library tells when a batched completion is durable, so the table is asked, every millisecond,
 * but only once the last job has run. Throws if nothing moves for 10 s.
 */
async function waitUntilEmpty(gate: pg.Client, runs: Uint8Array): Promise<void> {
  const stillMs = 10_000;
  let lastRun = performance.now();
  for (let done = 0; performance.now() - lastRun < stillMs; await delay(1)) {
    const before = done;
    while (done < runs.length && runs[done] !== 0) done += 1;
    if (done > before) lastRun = performance.now();
    if (done < runs.length) continue;
    const { rowCount } = await gate.query({ name: 'left', text: `select from ${JOBS_TABLE} limit 1` });
    if (rowCount === 0) return;
  }
  throw new Error(`graphile-worker did not finish ${runs.length} jobs`);
}

async function verify(database: pg.ClientConfig, runs: Uint8Array): Promise<void> {
  const wrong = runs.findIndex((count) => count !== 1);
  if (wrong !== -1) throw new Error(`job ${wrong} ran ${runs[wrong]} times`);
  const pool = new pg.Pool({ ...database, max: 1 });
  try {
    const tasks = runs.length;
    await verifyRowChanges(pool, JOBS_TABLE, { updated: tasks, deleted: tasks });
  } finally {
    await pool.end();
  }
}
