import type { LeaseOfSession, Loaded, Store } from '@agentmix/act-core';
import type pg from 'pg';
import { makeAccessStore } from './access-store.ts';
import { plainArray } from './array-literal.ts';
import { makeArtifacts } from './artifacts.ts';
import { commitBatch, FLUSH_SQL, flushParameters, outcomeOf } from './commit.ts';
import type { CommitRow } from './commit.ts';
import { Committers } from './committers.ts';
import { inScope, LONG_ANSWER_MS_MAX, named, openPool, readInScope, storeError } from './connection.ts';
import type { ConnectionOptions } from './connection.ts';
import { inspectConnection } from './isolation-check.ts';
import { loadProject } from './load.ts';
import { runQuery } from './queries.ts';
import { logPart, logQuery } from './read-log.ts';
import { makeRelayStore } from './relay-store.ts';
import { makeRetentionStore } from './retention-store.ts';
import { makeTurns } from './turns.ts';
import * as hub from './sql/hub.ts';
import * as log from './sql/log.ts';

/** Command ids are made by clients whose clocks may be ahead of ours by this much. */
const CLOCK_AHEAD_MS = 60_000;
/** Events copied into the history in one transaction, about 50 ms of the database’s time. */
const HISTORY_EVENTS = 1_000;

const readLog: (pool: pg.Pool, options: ConnectionOptions) => Store['readLog'] =
  (pool, options) => async (projectId, afterSeq, bytesMax) => {
    const query = logQuery(options, projectId, afterSeq, bytesMax);
    const { rows } = await readInScope(pool, { projectId }, (client) => client.query<log.LogPartRow>(query));
    return logPart(rows);
  };

const logHead: (pool: pg.Pool) => Store['logHead'] = (pool) => async (projectId) => {
  const { rows } = await readInScope(pool, { projectId }, (client) =>
    client.query<log.HeadRow>(log.LOG_HEAD_SQL, [projectId]),
  );
  const [head] = rows;
  return head && { startSeq: head.start_seq, lastSeq: head.last_seq, hash: head.last_hash };
};

const rowsReach: (pool: pg.Pool) => Store['rowsReach'] = (pool) => async (projectId) => {
  const { rows } = await readInScope(pool, { projectId }, (client) =>
    client.query<log.BoundsRow>(log.LOG_BOUNDS_SQL, [projectId]),
  );
  const [bounds] = rows;
  return bounds && { lastSeq: bounds.last_seq, writtenSeq: bounds.written_seq };
};

const lastSeqs: (pool: pg.Pool) => Store['lastSeqs'] = (pool) => (projectIds) =>
  inScope(pool, 'hub', async (client) => {
    const ids = plainArray(projectIds);
    const { rows } = await client.query<{ id: string; last_seq: number }>(hub.LAST_SEQS_SQL, [ids]);
    return new Map(rows.map(({ id, last_seq: lastSeq }) => [id, lastSeq]));
  });

const liveState: (pool: pg.Pool) => Store['liveState'] = (pool) => (projectId) =>
  inScope(pool, { projectId }, async (client) => {
    const { rows } = await client.query<log.LiveStateRow>(log.LIVE_STATE_AT_SQL, [projectId]);
    const [first] = rows;
    const entries = rows.flatMap(({ key, value }) => (key === null ? [] : [[key, value] as const]));
    return first && { projectId, seq: first.last_seq, entries };
  });

const findCommands: (pool: pg.Pool) => Store['findCommands'] = (pool) => (projectId, commandIds, since) =>
  inScope(pool, { projectId }, async (client) => {
    const from = new Date(since - CLOCK_AHEAD_MS).toISOString();
    const { rows } = await client.query<log.LogRow>(log.FIND_COMMANDS_SQL, [
      projectId,
      from,
      plainArray(commandIds),
    ]);
    const wanted = new Set(commandIds);
    return rows.flatMap((row) => {
      const events: unknown[] = JSON.parse(row.events);
      let first = 0;
      return row.command_ids.flatMap((commandId, at) => {
        const last = first + (row.event_counts[at] ?? 0);
        const own = events.slice(first, last);
        first = last;
        return wanted.has(commandId)
          ? [{ commandId, fingerprint: Number(row.fingerprints[at]), eventsText: JSON.stringify(own) }]
          : [];
      });
    });
  });

const beat: (pool: pg.Pool) => Store['beat'] = (pool) => (gapMs) =>
  inScope(pool, 'hub', async (client) => {
    const { rows } = await client.query<{ gap: number }>(hub.BEAT_SQL);
    const gap = Number(rows[0]?.gap ?? 0);
    if (gap > gapMs) await client.query(hub.EXTEND_SQL, [gap]);
    return gap;
  });

const trimLog: (pool: pg.Pool) => Store['trimLog'] =
  (pool) =>
  async (before, keepsUncarried = false) => {
    const ids = await inScope(pool, 'hub', (client) => client.query<{ id: string }>(hub.PROJECT_IDS_SQL));
    let trimmed = 0;
    for (const { id } of ids.rows) {
      const trim: pg.QueryConfig & { query_timeout: number } = {
        text: log.TRIM_LOG_SQL,
        values: [id, new Date(before).toISOString(), keepsUncarried],
        query_timeout: LONG_ANSWER_MS_MAX,
      };
      const { rows } = await inScope(pool, { projectId: id }, (client) =>
        client.query<{ trimmed: number }>(trim),
      );
      trimmed += rows[0]?.trimmed ?? 0;
    }
    return trimmed;
  };

const fillHistory: (pool: pg.Pool) => Store['fillHistory'] = (pool) => async () => {
  const lagging = await inScope(pool, 'hub', (client) => client.query<{ id: string }>(hub.LAGGING_SQL));
  for (const { id } of lagging.rows) {
    await inScope(pool, { projectId: id }, async (client) => {
      await client.query(log.START_HISTORY_SQL, [id]);
      await client.query(log.FILL_HISTORY_SQL, [id, HISTORY_EVENTS]);
    });
  }
  return lagging.rows.length > 0;
};

type SessionRow = { project_id: string; id: string };
const leaseOf = (row: SessionRow): LeaseOfSession => ({ projectId: row.project_id, sessionId: row.id });

const renew = async (
  pool: pg.Pool,
  text: string,
  sessions: readonly LeaseOfSession[],
): Promise<LeaseOfSession[]> => {
  if (sessions.length === 0) return [];
  const projects = plainArray(sessions.map(({ projectId }) => projectId));
  const ids = plainArray(sessions.map(({ sessionId }) => sessionId));
  const { rows } = await inScope(pool, 'hub', (client) => client.query<SessionRow>(text, [projects, ids]));
  return rows.map(leaseOf);
};

/**
 * The store on PostgreSQL 15 or later; the schema must be migrated, and the log-in act_app. It takes that on trust:
 * `openPostgresStore` looks first.
 */
export const makePostgresStore = (options: ConnectionOptions): Store => {
  const pool = openPool(options);
  const committers = new Committers(options);
  const { artifacts, close: closeArtifacts } = makeArtifacts(options);
  const { takeTurn, close: closeTurns } = makeTurns(options);
  return {
    ...makeAccessStore(pool, options),
    ...makeRetentionStore(pool),
    ...makeRelayStore(pool),
    clock: async () => {
      const { rows } = await pool.query<{ clock: number }>(hub.CLOCK_SQL).catch((error: unknown) => {
        throw storeError(error);
      });
      return Number(rows[0]?.clock);
    },
    load: (projectId, recentCommandsMax): Promise<Loaded | undefined> =>
      readInScope(pool, { projectId }, (client) => loadProject(client, projectId, recentCommandsMax)),
    defersRows: true,
    commit: (batch) =>
      commitBatch((query) => committers.query<CommitRow>(batch.record.projectId, query), options, batch),
    flush: async (flush) => {
      const query = { ...named('flush', options), text: FLUSH_SQL, values: flushParameters(flush) };
      const [row] = await committers.query<CommitRow>(flush.projectId, query);
      return outcomeOf(row);
    },
    rowsReach: rowsReach(pool),
    readLog: readLog(pool, options),
    logHead: logHead(pool),
    lastSeqs: lastSeqs(pool),
    liveState: liveState(pool),
    takeTurn,
    findCommands: findCommands(pool),
    renewLeases: async (sessions) => {
      const held = await renew(pool, hub.RENEW_FREE_SQL, sessions);
      await renew(pool, hub.RENEW_HELD_SQL, held);
    },
    beat: beat(pool),
    expiredSessions: async (limit, graceMs = 0) => {
      const { rows } = await inScope(pool, 'hub', (client) =>
        client.query<SessionRow>(hub.EXPIRED_SQL, [limit, graceMs]),
      );
      return rows.map(leaseOf);
    },
    trimLog: trimLog(pool),
    fillHistory: fillHistory(pool),
    query: (name, projectId, input) => runQuery(pool, name, projectId, input),
    descriptions: (projectId, taskIds) =>
      inScope(pool, { projectId }, async (client) => {
        const { rows } = await client.query<{ id: string; description: string }>({
          ...named('descriptions', options),
          text: 'select id, description from act.tasks where project_id = $1 and id = any ($2) and description is not null',
          values: [projectId, plainArray(taskIds)],
        });
        return new Map(rows.map(({ id, description }) => [id, description]));
      }),
    artifacts,
    close: async () => {
      await committers.close();
      await closeArtifacts();
      await closeTurns();
      await pool.end();
    },
  };
};

/**
 * The store for a hub that serves: refuses a database that does not keep projects apart, and finds out whether a
 * pooler is in between.
 * @throws NotIsolated, StoreUnavailable
 */
export const openPostgresStore = async (options: Omit<ConnectionOptions, 'isPooled'>): Promise<Store> =>
  makePostgresStore({ ...options, ...(await inspectConnection(options)) });
