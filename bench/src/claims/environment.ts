import type pg from 'pg';

/** What every case of this bench is given. */
export interface ClaimEnvironment {
  /** Superuser on a unix socket; a case makes its own database with it. */
  connection: pg.ClientConfig;
  /** Process to charge PostgreSQL's CPU to. Absent: the database's CPU is not measured. */
  postmasterPid?: number;
  /** Tasks seeded outside the timed section, then claimed and completed within it. */
  tasks: number;
  /** Concurrent callers, each waiting for its own durable claim and complete before it goes on. */
  callers: number;
}
