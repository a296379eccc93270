import pg from 'pg';
import { StoreRejected, StoreUnavailable } from '@agentmix/act-core';

export interface ConnectionOptions {
  /** Either a URL or the unix socket of the embedded server. */
  readonly connection:
    | { readonly url: string }
    | { readonly socketDir: string; readonly port: number; readonly user: string };
  readonly connectionsMax?: number;
  readonly log: (message: string, fields?: Record<string, unknown>) => void;
}

const INT8 = 20;
/** Sequence numbers and times stay far below 2^53. */
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 ? (text: string) => Number(text) : pg.types.getTypeParser(oid, format),
} as pg.CustomTypesConfig;

const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 30_000;

export const clientConfig = ({ connection }: Pick<ConnectionOptions, 'connection'>): pg.ClientConfig => ({
  ...('url' in connection
    ? { connectionString: connection.url }
    : { host: connection.socketDir, port: connection.port, user: connection.user, database: 'act' }),
  connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  types,
});

/** Every connection works as act_app, which cannot bypass row-level security, whoever it logged in as. */
export const workerConfig = (options: ConnectionOptions): pg.ClientConfig => ({
  ...clientConfig(options),
  options: `-c role=act_app -c statement_timeout=${STATEMENT_TIMEOUT_MS} -c idle_in_transaction_session_timeout=10000`,
});

export const openPool = (options: ConnectionOptions): pg.Pool => {
  const pool = new pg.Pool({
    ...workerConfig(options),
    max: options.connectionsMax ?? 8,
    idleTimeoutMillis: 30_000,
    allowExitOnIdle: true,
  });
  // Without listeners a server that stops would end this process; the pool listens to idle connections only.
  const lost = (error: Error): void => options.log('database connection lost', { error: error.message });
  pool.on('error', lost);
  pool.on('connect', (client) => client.on('error', lost));
  return pool;
};

/** SQLSTATE classes of data that the database will never take, however often it is sent. */
const DATA_CLASSES = new Set(['22', '23', '42']);

/** Sorts a failure: the data was refused, or the outcome is unknown and repeating resolves it. */
export const storeError = (error: unknown): Error => {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  const message = error instanceof Error ? error.message : String(error);
  return DATA_CLASSES.has(code.slice(0, 2))
    ? new StoreRejected(`${code}: ${message}`, { cause: error })
    : new StoreUnavailable(message, { cause: error });
};

type Scope = { readonly projectId: string } | 'hub';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const scopeSql = (scope: Scope): string => {
  if (scope === 'hub') return `select set_config('act.scope', 'hub', true)`;
  if (!UUID.test(scope.projectId)) throw new Error(`not a project id: ${scope.projectId}`);
  return `select set_config('act.project_id', '${scope.projectId}', true)`;
};

/**
 * Runs the work in one transaction bound to one project (or to the hub’s own view). The setting is local to the
 * transaction, so nothing leaks to the next user of the connection, also behind a pooler.
 */
export const inScope = async <T>(
  pool: pg.Pool,
  scope: Scope,
  work: (client: pg.PoolClient) => Promise<T>,
  snapshot = false,
): Promise<T> => {
  let client: pg.PoolClient | undefined;
  let failure: Error | undefined;
  try {
    client = await pool.connect();
    await client.query(
      `begin${snapshot ? ' isolation level repeatable read read only' : ''}; ${scopeSql(scope)}`,
    );
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    failure = storeError(error);
    await client?.query('rollback').catch((lost: Error) => (failure = storeError(lost)));
    throw failure;
  } finally {
    client?.release(failure instanceof StoreUnavailable);
  }
};
