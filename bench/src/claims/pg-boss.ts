import pg from 'pg';
import PgBoss from 'pg-boss';

import { timed, verifyRowChanges, withDatabase } from '../measure/index.ts';
import type { Case } from '../measure/index.ts';
import { drain } from './drain.ts';
import type { TaskDoor } from './drain.ts';
import type { ClaimEnvironment } from './environment.ts';

const LOOPS = 16;
const QUEUE = 'claims';

/** pg-boss 10, one job per fetch and per complete: what an agent that asks for one task at a time would get. */
export function makePgBoss(environment: ClaimEnvironment): Case {
  const { connection, postmasterPid, tasks } = environment;
  return {
    name: `pg-boss 10: fetch one, complete one, ${LOOPS} loops`,
    run: () =>
      withDatabase(connection, 'bench_pg_boss', async (database) => {
        const pool = new pg.Pool({ ...database, max: 1 });
        const boss = await startBoss(database);
        try {
          await boss.createQueue(QUEUE);
          await boss.insert(Array.from({ length: tasks }, (_, index) => ({ name: QUEUE, data: { index } })));
          const partition = await partitionName(pool);
          await pool.query(`vacuum (analyze) ${partition}`);
          const section = await timed(() => drain(makeDoor(boss), LOOPS), postmasterPid);
          await boss.stop({ graceful: false });
          await verify(pool, partition, tasks);
          return { ...section, ...section.value };
        } finally {
          await boss.stop({ graceful: false });
          await pool.end();
        }
      }),
  };
}

/** Supervision and scheduling would only add work beside what is measured. */
async function startBoss(database: pg.ClientConfig): Promise<PgBoss> {
  const { host = '', port = 5432, user = '', database: name = '' } = database;
  const boss = new PgBoss({
    host,
    port,
    user,
    database: name,
    max: LOOPS,
    supervise: false,
    schedule: false,
  });
  boss.on('error', (error) => void process.stderr.write(`pg-boss: ${error.message}\n`));
  await boss.start();
  await Promise.all(Array.from({ length: LOOPS }, () => boss.getQueues()));
  return boss;
}

function makeDoor(boss: PgBoss): TaskDoor<PgBoss.Job> {
  return {
    async claim() {
      const jobs = await boss.fetch<object>(QUEUE);
      return jobs[0];
    },
    async complete(_caller, job) {
      await boss.complete(QUEUE, job.id);
    },
  };
}

async function partitionName(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query<{ name: string }>(
    "select 'pgboss.' || partition_name as name from pgboss.queue where name = $1",
    [QUEUE],
  );
  if (rows[0] === undefined) throw new Error('pg-boss made no queue');
  return rows[0].name;
}

async function verify(pool: pg.Pool, partition: string, tasks: number): Promise<void> {
  const { rows } = await pool.query<{ exact: number }>(
    `select count(*)::int as exact from ${partition}
     where state = 'completed' and retry_count = 0 and completed_on >= started_on`,
  );
  if (rows[0]?.exact !== tasks) throw new Error(`${rows[0]?.exact} of ${tasks} jobs were completed once`);
  await verifyRowChanges(pool, partition, { updated: 2 * tasks, deleted: 0 });
}
