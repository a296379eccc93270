import type { RefreshTokenStore, SigningKeyStore } from '@agentmix/act-core';
import type pg from 'pg';
import { inScope, openPool } from './connection.ts';
import type { ConnectionOptions } from './connection.ts';
import * as refresh from './sql/refresh-tokens.ts';
import * as signing from './sql/signing-keys.ts';

export interface TokenStores {
  readonly signingKeys: SigningKeyStore;
  readonly refreshTokens: RefreshTokenStore;
  close(): Promise<void>;
}

const signingKeysOf = (pool: pg.Pool): SigningKeyStore => ({
  list: async () => {
    const { rows } = await inScope(pool, 'hub', (client) =>
      client.query<signing.ListedKeyRow>(signing.LIST_KEYS_SQL),
    );
    const keys = rows.flatMap(({ number, kid, master_key_id: keyId, private_key: wrapped, created_at: at }) =>
      number === null ? [] : [{ number, kid, privateKey: { keyId, wrapped }, createdAt: Number(at) }],
    );
    return { keys, lastNumber: rows[0]?.last_number ?? 0, now: Number(rows[0]?.now) };
  },
  add: async ({ number, kid, privateKey }) => {
    const values = [number, kid, privateKey.keyId, privateKey.wrapped];
    const { rowCount } = await inScope(pool, 'hub', (client) => client.query(signing.ADD_KEY_SQL, values));
    return rowCount === 1;
  },
  retire: async (kid) => {
    await inScope(pool, 'hub', (client) => client.query(signing.RETIRE_KEY_SQL, [kid]));
  },
});

const refreshTokensOf = (pool: pg.Pool): RefreshTokenStore => ({
  open: async ({ familyId, secretHash, memberId, projectId, keyId }, { lifeMs, idleMs }, familiesMax) => {
    const values = [familyId, secretHash, memberId, projectId, keyId, lifeMs, idleMs, familiesMax];
    await inScope(pool, 'hub', (client) => client.query(refresh.OPEN_FAMILY_SQL, values));
  },
  rotate: async (familyId, secretHash, nextSecretHash, { idleMs }) => {
    const { rows } = await inScope(pool, 'hub', (client) =>
      client.query<refresh.RotatedRow>(refresh.ROTATE_SQL, [familyId, secretHash, nextSecretHash, idleMs]),
    );
    const [row] = rows;
    if (row?.outcome !== 'rotated') return { outcome: row?.outcome ?? 'unknown' };
    const grant = { memberId: row.member_id, projectId: row.project_id, keyId: row.key_id };
    return { outcome: 'rotated', grant, expiresAt: Number(row.expires_at) };
  },
  forgetExpired: async () => {
    const { rowCount } = await inScope(pool, 'hub', (client) => client.query(refresh.FORGET_EXPIRED_SQL));
    return rowCount ?? 0;
  },
});

/** Signing keys and refresh tokens on PostgreSQL; the schema must be migrated. */
export const makePostgresTokenStores = (options: ConnectionOptions): TokenStores => {
  const pool = openPool(options);
  return {
    signingKeys: signingKeysOf(pool),
    refreshTokens: refreshTokensOf(pool),
    close: () => pool.end(),
  };
};
