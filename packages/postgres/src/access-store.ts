import type { AccessStore, Credential } from '@agentmix/act-core';
import type pg from 'pg';
import { plainArray } from './array-literal.ts';
import { inScope, named } from './connection.ts';
import type { ConnectionOptions } from './connection.ts';
import * as sql from './sql/access.ts';
import { CLOCK_SQL } from './sql/hub.ts';

type Row = sql.CredentialRow & pg.QueryResultRow;

const credentialOf = (row: Row): Credential => ({
  projectId: row.project_id,
  memberId: row.member_id,
  kind: row.kind,
  role: row.role,
  ...(row.agent_id === null ? {} : { agentId: row.agent_id }),
  isRemoved: row.is_removed,
  ...(row.key_id === null
    ? {}
    : {
        key: {
          id: row.key_id,
          secretHash: row.secret_hash ?? '',
          ...(row.key_role === null ? {} : { role: row.key_role }),
          ...(row.expires_at === null ? {} : { expiresAt: row.expires_at.getTime() }),
          isRevoked: row.is_revoked,
        },
      }),
});

/** Members and keys as doors ask for them. */
export const makeAccessStore = (pool: pg.Pool, options: Pick<ConnectionOptions, 'isPooled'>): AccessStore => {
  const read = async (text: string, values: unknown[]): Promise<Credential[]> =>
    inScope(pool, 'hub', async (client) => (await client.query<Row>(text, values)).rows.map(credentialOf));
  return {
    findKey: async (keyId) => (await read(sql.FIND_KEY_SQL, [keyId]))[0],
    findMember: async (projectId, memberId) => (await read(sql.FIND_MEMBER_SQL, [projectId, memberId]))[0],
    accessChanges: (since) =>
      inScope(pool, 'hub', async (client) => {
        // The clock first: what is written while the rows are read comes again with the next question.
        const clock = await client.query<{ clock: number }>(CLOCK_SQL);
        const { rows } = await client.query<Row>({
          ...named('access-changes', options),
          text: sql.CHANGES_SQL,
          values: [since],
        });
        return { now: Number(clock.rows[0]?.clock), credentials: rows.map(credentialOf) };
      }),
    noteUses: async (keyIds) => {
      await inScope(pool, 'hub', (client) => client.query(sql.NOTE_USES_SQL, [plainArray(keyIds)]));
    },
  };
};
