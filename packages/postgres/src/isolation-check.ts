import pg from 'pg';
import { clientConfig, storeError } from './connection.ts';
import type { ConnectionOptions } from './connection.ts';
import * as sql from './sql/isolation.ts';

const CATALOGUE = [sql.TABLES_SQL, sql.VIEWS_SQL, sql.FUNCTIONS_SQL, sql.ROLE_SQL, sql.PUBLIC_SQL];

/** Anything that can run a statement: a client or a pool. */
type Queryable = Pick<pg.Pool, 'query'> | Pick<pg.Client, 'query'>;

/** Sees rows of other projects, or would: the hub must not serve on it. */
export class NotIsolated extends Error {
  override readonly name = 'NotIsolated';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the database does not keep projects apart: ${problems.join('; ')}`);
    this.problems = problems;
  }
}

/** What the catalogue says against the isolation of projects, a line each; empty when they are kept apart. */
export const isolationProblems = async (client: Queryable): Promise<string[]> => {
  const problems: string[] = [];
  for (const text of CATALOGUE) {
    const { rows } = await client.query<{ problem: string }>(text);
    problems.push(...rows.map(({ problem }) => problem));
  }
  return problems.sort();
};

interface ConnectionRow {
  login: string;
  role: string;
  pid: number;
  row_security: boolean;
}

const connectionProblems = ({ login, role, row_security: isOn }: ConnectionRow): string[] => [
  ...(login === 'act_app' && role === 'act_app'
    ? []
    : [
        `the hub would log in as ${login} and work as ${role}, and whoever is not act_app alone could step out of it: ` +
          'let DATABASE_URL name act_app, and ACT_MIGRATE_URL the user who makes the schema',
      ]),
  ...(isOn ? [] : ['row_security is off for this log-in']),
];

/**
 * Looks at the database as the hub will use it. Answers whether a pooler is in between: it has process ids of its own
 * to tell, so that the one of the greeting is not the server's.
 * @throws NotIsolated, StoreUnavailable
 */
export const inspectConnection = async (
  options: Pick<ConnectionOptions, 'connection'>,
): Promise<{ isPooled: boolean }> => {
  const client = new pg.Client(clientConfig(options));
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<ConnectionRow>(sql.CONNECTION_SQL);
    const [found] = rows;
    if (!found) throw new Error('the database does not say who we are');
    const problems = [...connectionProblems(found), ...(await isolationProblems(client))];
    if (problems.length > 0) throw new NotIsolated(problems);
    // The types do not know what every client keeps from the server's greeting.
    return { isPooled: (client as pg.Client & { processID: number }).processID !== found.pid };
  } catch (error) {
    throw error instanceof NotIsolated ? error : storeError(error);
  } finally {
    await client.end();
  }
};
