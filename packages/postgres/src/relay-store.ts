import type { RelayStore } from '@agentmix/act-core';
import type pg from 'pg';
import { plainArray } from './array-literal.ts';
import { inScope } from './connection.ts';
import { MOVE_RELAYS_SQL, RELAY_BACKLOG_SQL, TAKE_RELAYS_SQL } from './sql/relays.ts';
import type { RelayRow } from './sql/relays.ts';

export const makeRelayStore = (pool: pg.Pool): RelayStore => ({
  takeRelays: async (owner, leaseMs, limit, among) => {
    const values = [owner, leaseMs, limit, among ? plainArray(among) : null];
    const { rows } = await inScope(pool, 'hub', (client) => client.query<RelayRow>(TAKE_RELAYS_SQL, values));
    return rows.map((row) => ({ projectId: row.project_id, seq: row.seq, startSeq: row.start_seq }));
  },
  moveRelays: async (owner, moves) => {
    // Always in one order: two statements that lock the same rows must not wait for each other.
    const sorted = [...moves].sort((a, b) => (a.projectId < b.projectId ? -1 : 1));
    const columns = [
      sorted.map(({ projectId }) => projectId),
      sorted.map(({ seq }) => seq),
      sorted.map(({ restMs }) => restMs),
    ];
    await inScope(pool, 'hub', (client) =>
      client.query(MOVE_RELAYS_SQL, [owner, ...columns.map((column) => plainArray(column))]),
    );
  },
  relayBacklog: async () => {
    const { rows } = await inScope(pool, 'hub', (client) =>
      client.query<{ events: number }>(RELAY_BACKLOG_SQL),
    );
    return rows[0]?.events ?? 0;
  },
});
