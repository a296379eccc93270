import pg from 'pg';
import { StoreRejected, StoreUnavailable } from '@agentmix/act-core';

export interface ConnectionOptions {
  /** Either a URL or the unix socket of the embedded server. */
  readonly connection:
    | { readonly url: string }
    | { readonly socketDir: string; readonly port: number; readonly user: string };
  readonly connectionsMax?: number;
  /** How long a statement, or a new connection, is waited for. */
  readonly answerMsMax?: number;
  /**
   * A pooler is between here and the server, and may give every transaction another connection of its own: statements
   * are then not named, because a name is known to one connection only.
   */
  readonly isPooled?: boolean;
  readonly log: (message: string, fields?: Record<string, unknown>) => void;
}

const INT8 = 20;
/** Sequence numbers and times stay far below 2^53. */
const types = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8 ? (text: string) => Number(text) : pg.types.getTypeParser(oid, format),
} as pg.CustomTypesConfig;

const CONNECT_TIMEOUT_MS = 5_000;

export const clientConfig = ({ connection }: Pick<ConnectionOptions, 'connection'>): pg.ClientConfig => ({
  ...('url' in connection
    ? { connectionString: connection.url }
    : { host: connection.socketDir, port: connection.port, user: connection.user, database: 'act' }),
  connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  types,
});

/**
 * A statement of a call takes milliseconds. Where the network lost the server without a word, the kernel would go on
 * sending for a quarter of an hour: the connection is given up, and the outcome is unknown.
 */
export const ANSWER_MS_MAX = 6_000;
/** For the few statements that may work through much at once: what the server allows act_app, and the way there. */
export const LONG_ANSWER_MS_MAX = 35_000;
/** On a connection that is silent the kernel asks after this long, and then ten times, a second apart. */
const SILENCE_MS = 4_000;

/** Of connections that a hub that serves waits on. */
export const servingConfig = (
  options: Pick<ConnectionOptions, 'connection' | 'answerMsMax'>,
): pg.ClientConfig => ({
  ...clientConfig(options),
  query_timeout: options.answerMsMax ?? ANSWER_MS_MAX,
  connectionTimeoutMillis: options.answerMsMax ?? CONNECT_TIMEOUT_MS,
  keepAlive: true,
  keepAliveInitialDelayMillis: SILENCE_MS,
});

/** Statements of a transaction may go out one behind another; see `inScope`. */
export const openPool = (options: ConnectionOptions): pg.Pool => {
  const pool = new pg.Pool({
    ...servingConfig(options),
    pipeline: true,
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

/** The name of a statement that is planned once for each connection, where it may have one. */
export const named = (
  name: string,
  { isPooled = false }: Pick<ConnectionOptions, 'isPooled'>,
): { name?: string } => (isPooled ? {} : { name });

/** SQLSTATE classes of data that the database will never take, however often it is sent. */
const DATA_CLASSES = new Set(['21', '22', '23', '42']);

/** Sorts a failure: the data was refused, or the outcome is unknown and repeating resolves it. */
export const storeError = (error: unknown): Error => {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  const message = error instanceof Error ? error.message : String(error);
  return DATA_CLASSES.has(code.slice(0, 2))
    ? new StoreRejected(`${code}: ${message}`, { cause: error })
    : new StoreUnavailable(message, { cause: error });
};

type Scope = { readonly projectId: string } | 'hub';

/** Both settings each time: whatever a connection was left with, the transaction is bound to this and nothing else. */
const BIND_SQL = `select set_config('act.project_id', $1, true), set_config('act.scope', $2, true)`;

const BEGIN_SNAPSHOT = 'begin isolation level repeatable read read only';

const begin = (client: pg.PoolClient, sql: string, scope: Scope): Promise<unknown> =>
  Promise.all([
    client.query(sql),
    client.query(BIND_SQL, scope === 'hub' ? ['', 'hub'] : [scope.projectId, '']),
  ]);

/**
 * Runs the work in one transaction bound to one project (or to the hub’s own view). The settings are local to the
 * transaction, so nothing leaks to the next user of the connection, also behind a pooler. They are parameters, so
 * that no id of a project stands in a statement’s text, which other connections of the role may read; and they go
 * out behind `begin` without waiting for its answer.
 */
export const inScope = async <T>(
  pool: pg.Pool,
  scope: Scope,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> => {
  let client: pg.PoolClient | undefined;
  let failure: Error | undefined;
  try {
    client = await pool.connect();
    await begin(client, 'begin', scope);
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

/**
 * Reads in one snapshot, bound as `inScope` binds. What the work asks at once goes out behind the binding, and nobody
 * waits for the end of the transaction: work of one statement, or of some that need nothing of each other, is one round
 * trip.
 */
export const readInScope = async <T>(
  pool: pg.Pool,
  scope: Scope,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> => {
  const client = await pool.connect().catch((error: unknown) => {
    throw storeError(error);
  });
  const [begun, done] = await Promise.allSettled([begin(client, BEGIN_SNAPSHOT, scope), work(client)]);
  const failed = [begun, done].find((one) => one.status === 'rejected');
  const failure = failed && storeError(failed.reason);
  if (failure instanceof StoreUnavailable) client.release(true);
  else
    // After a statement that failed this undoes.
    client.query('commit').then(
      () => client.release(),
      () => client.release(true),
    );
  if (failure) throw failure;
  return (done as PromiseFulfilledResult<T>).value;
};
