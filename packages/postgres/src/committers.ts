import pg from 'pg';
import { clientConfig, storeError } from './connection.ts';
import type { ConnectionOptions } from './connection.ts';

/** Connections that only commit; a project always uses the same one. */
const COMMITTERS = 4;

/**
 * Commits of one project must reach the server in the order they were made: two connections would race, and the one
 * that comes first by luck would find the other’s sequence number missing. A connection works off its queue in
 * order, and the next statement goes out as soon as the one before is answered.
 */
export class Committers {
  readonly #options: ConnectionOptions;
  readonly #clients: (Promise<pg.Client> | undefined)[] = Array<undefined>(COMMITTERS).fill(undefined);

  /** The end of each connection’s queue. */
  readonly #tails: (Promise<void> | undefined)[] = Array<undefined>(COMMITTERS).fill(undefined);

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  query<T extends pg.QueryResultRow>(projectId: string, query: pg.QueryConfig): Promise<T[]> {
    const at = Number.parseInt(projectId.slice(-6), 16) % COMMITTERS;
    // The driver takes one statement at a time.
    const before = this.#tails[at];
    const result = (async () => {
      await before;
      const client = await (this.#clients[at] ?? this.#open(at));
      return (await client.query<T>(query)).rows;
    })();
    this.#tails[at] = result.then(
      () => undefined,
      () => undefined,
    );
    return result.catch((error: unknown) => {
      throw storeError(error);
    });
  }

  async close(): Promise<void> {
    const open = this.#clients.splice(0);
    for (const opening of open) {
      const client = await opening?.catch(() => undefined);
      await client?.end();
    }
  }

  #open(at: number): Promise<pg.Client> {
    const client = new pg.Client(clientConfig(this.#options));
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
