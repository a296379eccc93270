import pg from 'pg';
import { servingConfig, storeError } from './connection.ts';
import type { ConnectionOptions } from './connection.ts';

/** Connections that only commit; a project always uses the same one. */
const COMMITTERS = 4;

/**
 * Commits of one project must reach the server in the order they were made: two connections would race, and the one
 * that comes first by luck would find the other’s sequence number missing. A connection carries statements in order,
 * the next ones while the server still works on the one before: it never waits for this process to have its turn. Each
 * statement is a transaction of its own, so one that fails takes no other with it.
 */
export class Committers {
  readonly #options: ConnectionOptions;
  readonly #clients: (Promise<pg.Client> | undefined)[] = Array<undefined>(COMMITTERS).fill(undefined);

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  query<T extends pg.QueryResultRow>(projectId: string, query: pg.QueryConfig): Promise<T[]> {
    const at = Number.parseInt(projectId.slice(-6), 16) % COMMITTERS;
    return (this.#clients[at] ?? this.#open(at))
      .then((client) => client.query<T>(query))
      .then(
        ({ rows }) => rows,
        (error: unknown) => {
          throw storeError(error);
        },
      );
  }

  async close(): Promise<void> {
    const open = this.#clients.splice(0);
    for (const opening of open) {
      const client = await opening?.catch(() => undefined);
      await client?.end();
    }
  }

  #open(at: number): Promise<pg.Client> {
    const client = new pg.Client({ ...servingConfig(this.#options), pipeline: true });
    const opening = client.connect().then(() => client);
    const forget = (): void => {
      if (this.#clients[at] === opening) this.#clients[at] = undefined;
    };
    client.on('end', forget);
    client.on('error', (error) => {
      forget();
      this.#options.log('committing connection lost', { error: error.message });
    });
    opening.catch(forget);
    this.#clients[at] = opening;
    return opening;
  }
}
