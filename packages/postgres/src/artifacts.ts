import type { ArtifactStore, Upload } from '@agentmix/act-core';
import type pg from 'pg';
import { inScope, named, openPool, storeError } from './connection.ts';
import type { ConnectionOptions } from './connection.ts';
import * as sql from './sql/artifacts.ts';
import { PROJECT_IDS_SQL } from './sql/hub.ts';

/** Connections that carry contents: few, so that many large files at once do not keep the others waiting. */
const CONNECTIONS = 2;

type Values = readonly unknown[];

/** Statements over the connections of contents. */
interface Statements {
  /** One statement that names its project itself. */
  readonly call: <T extends pg.QueryResultRow>(name: string, text: string, values: Values) => Promise<T>;
  readonly rowsOf: <T extends pg.QueryResultRow>(
    projectId: string,
    text: string,
    values: Values,
  ) => Promise<pg.QueryResult<T>>;
}

const makeStatements = (pool: pg.Pool, options: ConnectionOptions): Statements => ({
  call: async <T extends pg.QueryResultRow>(name: string, text: string, values: Values) => {
    const query = { ...named(name, options), text, values: [...values] };
    const { rows } = await pool.query<T>(query).catch((error: unknown) => {
      throw storeError(error);
    });
    const [row] = rows;
    if (!row) throw new Error(`${name} answered nothing`);
    return row;
  },
  rowsOf: <T extends pg.QueryResultRow>(projectId: string, text: string, values: Values) =>
    inScope(pool, { projectId }, (client) => client.query<T>(text, [projectId, ...values])),
});

type Uploads = Pick<ArtifactStore, 'begin' | 'append' | 'finish'>;
const makeUploads = ({ call }: Statements): Uploads => ({
  begin: async ({ projectId, artifactId, bytes, bytesMax, key }) => {
    const values = [projectId, artifactId, bytes, bytesMax, key.keyId, Buffer.from(key.wrapped)];
    const row = await call<sql.BeginRow>('begin-upload', sql.BEGIN_UPLOAD_SQL, values);
    if (row.outcome === 'stored') return { outcome: 'stored' };
    if (row.outcome === 'full') return { outcome: 'full', bytes: row.taken ?? 0 };
    return { outcome: 'begun', upload: { projectId, artifactId, number: row.upload ?? 0 } };
  },
  append: async ({ projectId, artifactId, number }: Upload, first, chunks) => {
    const data = Buffer.concat(chunks);
    const values = [projectId, artifactId, number, first, chunks[0]?.length ?? 0, data];
    return (await call<{ is_open: boolean }>('append-chunks', sql.APPEND_CHUNKS_SQL, values)).is_open;
  },
  finish: async ({ projectId, artifactId, number }, sha256) => {
    const values = [projectId, artifactId, number, sha256];
    return (await call<{ is_open: boolean }>('finish-upload', sql.FINISH_UPLOAD_SQL, values)).is_open;
  },
});

type Reads = Pick<ArtifactStore, 'find' | 'read'>;
const makeReads = ({ rowsOf }: Statements): Reads => ({
  find: async (projectId, artifactId) => {
    const { rows } = await rowsOf<sql.ArtifactRow>(projectId, sql.FIND_ARTIFACT_SQL, [artifactId]);
    const [row] = rows;
    return (
      row && {
        bytes: row.bytes,
        sha256: row.sha256,
        name: row.name,
        mediaType: row.media_type,
        key: { keyId: row.key_id, wrapped: row.wrapped_key },
      }
    );
  },
  read: async (projectId, artifactId, first, limit) => {
    const values = [artifactId, first, limit];
    const { rows } = await rowsOf<sql.ChunkRow>(projectId, sql.READ_CHUNKS_SQL, values);
    const gap = rows.findIndex(({ number }, at) => number !== first + at);
    return (gap < 0 ? rows : rows.slice(0, gap)).map(({ ciphertext }) => ciphertext);
  },
});

type Keys = Pick<ArtifactStore, 'keysToRewrap' | 'replaceKey'>;
const makeKeys = ({ rowsOf }: Statements): Keys => ({
  keysToRewrap: async (projectId, currentKeyId, after, limit) => {
    const values = [currentKeyId, after ?? null, limit];
    const { rows } = await rowsOf<sql.KeyRow>(projectId, sql.KEYS_TO_REWRAP_SQL, values);
    return rows.map(({ id, key_id: keyId, wrapped_key: wrapped }) => ({
      artifactId: id,
      key: { keyId, wrapped },
    }));
  },
  replaceKey: async (projectId, artifactId, before, after) => {
    const values = [before.keyId, Buffer.from(before.wrapped), after.keyId, Buffer.from(after.wrapped)];
    return (await rowsOf(projectId, sql.REPLACE_KEY_SQL, [artifactId, ...values])).rowCount === 1;
  },
});

/** Contents of stored files in PostgreSQL, over connections of their own. */
export const makeArtifacts = (
  options: ConnectionOptions,
): { artifacts: ArtifactStore; close: () => Promise<void> } => {
  const pool = openPool({ ...options, connectionsMax: CONNECTIONS });
  const statements = makeStatements(pool, options);
  const artifacts: ArtifactStore = {
    ...makeUploads(statements),
    ...makeReads(statements),
    ...makeKeys(statements),
    sweep: async (idleMs, limit) => {
      const ids = await inScope(pool, 'hub', (client) => client.query<{ id: string }>(PROJECT_IDS_SQL));
      let swept = 0;
      for (const { id } of ids.rows)
        if (swept < limit)
          swept += (await statements.rowsOf(id, sql.SWEEP_SQL, [idleMs, limit - swept])).rowCount ?? 0;
      return swept;
    },
  };
  return { artifacts, close: () => pool.end() };
};
