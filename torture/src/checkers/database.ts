import type { ActEvent, Frame } from '@agentmix/act-contract';
import pg from 'pg';

/** An event of the log with the command that made it. */
export type LogEvent = ActEvent & { readonly at: number; readonly commandId: string };

export interface TaskRow {
  readonly id: string;
  readonly key: string | null;
  readonly status: string;
  readonly epoch: number;
  readonly attempts: number;
  readonly assigned_agent_id: string | null;
}

interface RecordRow {
  readonly first_seq: string;
  readonly last_seq: string;
  readonly at: Date;
  readonly command_ids: string[];
  readonly event_counts: number[];
  readonly events: string;
}

const TABLES = [
  'log',
  'agents',
  'phases',
  'tasks',
  'agent_communications',
  'assistance_requests',
  'live_state',
  'file_watches',
  'conflicts',
] as const;

/** The truth, read past the hub: as superuser, on the embedded server's own socket. */
export class Database {
  readonly #pool: pg.Pool;

  constructor(socketDir: string) {
    this.#pool = new pg.Pool({ host: socketDir, port: 5432, user: 'postgres', database: 'act', max: 4 });
    // The database may be killed under an idle connection.
    this.#pool.on('error', () => undefined);
  }

  async rows<T extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<T[]> {
    return (await this.#pool.query<T>(sql, [...values])).rows;
  }

  async #one(sql: string, values: readonly unknown[]): Promise<number> {
    const [row] = await this.rows<{ value: string }>(sql, values);
    return Number(row?.value ?? 0);
  }

  lastSeq(projectId: string): Promise<number> {
    return this.#one('select last_seq as value from act.projects where id = $1', [projectId]);
  }

  /** That were committed in this database so far, whether or not they wrote. */
  transactions(): Promise<number> {
    return this.#one(
      'select xact_commit as value from pg_stat_database where datname = current_database()',
      [],
    );
  }

  countRecords(projectId: string): Promise<number> {
    return this.#one('select count(*) as value from act.log where project_id = $1', [projectId]);
  }

  countTasks(projectId: string, status: string): Promise<number> {
    return this.#one('select count(*) as value from act.tasks where project_id = $1 and status = $2', [
      projectId,
      status,
    ]);
  }

  countLiveSessions(projectId: string, sessionIds: readonly string[]): Promise<number> {
    return this.#one(
      'select count(*) as value from act.sessions where project_id = $1 and id = any ($2) and ended_at is null',
      [projectId, sessionIds],
    );
  }

  tasks(projectId: string): Promise<TaskRow[]> {
    return this.rows<TaskRow>(
      'select id, key, status, epoch, attempts, assigned_agent_id from act.tasks where project_id = $1',
      [projectId],
    );
  }

  /** The whole log in its order. Throws when its records do not follow one another without a gap. */
  async log(projectId: string): Promise<LogEvent[]> {
    const events: LogEvent[] = [];
    for (let after = 0; ;) {
      const records = await this.rows<RecordRow>(
        'select first_seq, last_seq, at, command_ids, event_counts, events from act.log where project_id = $1 and first_seq > $2 order by last_seq limit 500',
        [projectId, after],
      );
      for (const record of records) {
        if (Number(record.first_seq) !== after + 1)
          throw new Error(`the log jumps from ${after} to ${record.first_seq}`);
        events.push(...eventsOf(projectId, record));
        after = Number(record.last_seq);
      }
      if (records.length === 0) return events;
    }
  }

  /** A digest of every table; leases of live sessions are left out, since they are renewed all the time. */
  async digest(): Promise<Record<string, string>> {
    const digest: Record<string, string> = {};
    const add = async (name: string, row: string, from: string): Promise<void> => {
      const [found] = await this.rows<{ value: string | null }>(
        `select md5(string_agg(${row}, '|' order by ${row})) as value from ${from}`,
      );
      digest[name] = found?.value ?? '';
    };
    for (const table of TABLES) await add(table, 't::text', `act.${table} t`);
    await add('sessions', `concat_ws(',', id, agent_id, patterns, ended_at)`, 'act.sessions');
    await add('projects', `concat_ws(',', id, name, status, settings, last_seq, last_hash)`, 'act.projects');
    return digest;
  }

  /** Keeps rows of sessions locked for so long, as a slow transaction of another writer would. */
  lockSessions(sessionIds: readonly string[], ms: number): Promise<void> {
    return this.#lock(
      'select 1 from act.sessions where id = any ($1) order by id for update',
      sessionIds,
      ms,
    );
  }

  /** Keeps a project's row locked for so long, as a slow commit would: nothing else of the project can be committed. */
  lockProject(projectId: string, ms: number): Promise<void> {
    return this.#lock('select 1 from act.projects where id = any ($1) for no key update', [projectId], ms);
  }

  async #lock(sql: string, ids: readonly string[], ms: number): Promise<void> {
    const client = await this.#pool.connect();
    try {
      await client.query('begin');
      await client.query(sql, [ids]);
      await new Promise((resolve) => setTimeout(resolve, ms));
    } finally {
      await client.query('rollback').catch(() => undefined);
      client.release();
    }
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}

const eventsOf = (projectId: string, record: RecordRow): LogEvent[] => {
  // The events column is the JSON array that subscribers get.
  const framed = JSON.parse(record.events) as Frame['events'];
  const owners = record.command_ids.flatMap((id, at) => Array<string>(record.event_counts[at] ?? 0).fill(id));
  const timestamp = record.at.toISOString();
  return framed.map((event, index) => ({
    ...event,
    id: `${projectId}/${event.seq}`,
    projectId,
    timestamp,
    at: record.at.getTime(),
    commandId: owners[index] ?? '',
  }));
};
