import type pg from 'pg';

import { openPool, timed, withDatabase } from '../measure/index.ts';
import type { Case } from '../measure/index.ts';
import { drain } from './drain.ts';
import type { TaskDoor } from './drain.ts';
import type { ClaimEnvironment } from './environment.ts';
import { seedTasks, verifyTasks } from './task-table.ts';
import type { Grant } from './task-table.ts';

export interface TaskCase {
  name: string;
  database: string;
  connections: number;
  /** Tables beside `task`. */
  schema?: string;
  makeDoor: (pool: pg.Pool) => TaskDoor<Grant>;
  /** What has to hold beside every task having been claimed and completed once. */
  verify?: (pool: pg.Pool, tasks: number) => Promise<void>;
}

/** A case whose callers share one pool of this process and work on the table of task-table.ts. */
export function makeTaskCase(environment: ClaimEnvironment, taskCase: TaskCase): Case {
  const { connection, postmasterPid, tasks, callers } = environment;
  const { name, connections, schema, makeDoor, verify } = taskCase;
  return {
    name: `${name}, ${callers} callers, pool ${connections}`,
    run: () =>
      withDatabase(connection, taskCase.database, async (database) => {
        const pool = await openPool(database, connections);
        try {
          if (schema !== undefined) await pool.query(schema);
          await seedTasks(pool, tasks);
          const section = await timed(() => drain(makeDoor(pool), callers), postmasterPid);
          await verifyTasks(pool, tasks);
          await verify?.(pool, tasks);
          return { ...section, ...section.value };
        } finally {
          await pool.end();
        }
      }),
  };
}
