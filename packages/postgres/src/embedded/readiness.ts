import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { SUPERUSER } from './cluster.ts';
import { errorCode, errorLine } from './errors.ts';

export const READY_TIMEOUT_MS = 30_000;
/** A server that says that it is starting up is replaying its log; ending it would only begin that again. */
const RECOVERY_TIMEOUT_MS = 300_000;
const POLL_MS = 20;
const ANSWER_TIMEOUT_MS = 1_000;
/** SQLSTATE: the server lives, but takes no sessions (starting up, recovering, shutting down; too many). */
const BUSY_STATES = new Set(['57P03', '53300']);

/** What the server says about itself. */
export interface ServerFacts {
  readonly version: string;
  readonly dataDirectory: string;
}

/** Asks the server on the socket once. Rejects if it does not answer within a second. */
async function askServer(socketDir: string, port: number): Promise<ServerFacts> {
  const client = new Client({
    host: socketDir,
    port,
    user: SUPERUSER,
    database: 'postgres',
    ssl: false,
    connectionTimeoutMillis: ANSWER_TIMEOUT_MS,
    query_timeout: ANSWER_TIMEOUT_MS,
  });
  // A connection that breaks also rejects the call that waits for it; without a listener it ends the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<ServerFacts>(
      `select split_part(current_setting('server_version'), ' ', 1) as version,
              current_setting('data_directory') as "dataDirectory"`,
    );
    const facts = rows[0];
    if (facts === undefined) throw new Error('the server answered nothing');
    return facts;
  } finally {
    await client.end().catch(() => undefined);
  }
}

export interface ReadyWait {
  readonly socketDir: string;
  readonly port: number;
  /** how long the server may be silent */
  readonly timeoutMs: number;
  /** why waiting is in vain (the process ended), asked before each try */
  readonly failed: () => string | undefined;
}

/**
 * Waits until the server answers a query. @throws Error with the last refusal, or with what `failed` says
 */
export async function waitUntilReady(wait: ReadyWait): Promise<ServerFacts> {
  const startedMs = performance.now();
  for (;;) {
    const failure = wait.failed();
    if (failure !== undefined) throw new Error(failure);
    try {
      return await askServer(wait.socketDir, wait.port);
    } catch (error) {
      const isBusy = BUSY_STATES.has(errorCode(error) ?? '');
      const waitedMs = performance.now() - startedMs;
      if (waitedMs > (isBusy ? RECOVERY_TIMEOUT_MS : wait.timeoutMs)) {
        throw new Error(`no answer after ${Math.round(waitedMs)} ms: ${errorLine(error)}`, { cause: error });
      }
    }
    await sleep(POLL_MS);
  }
}
