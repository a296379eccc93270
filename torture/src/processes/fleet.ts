import { Balancer } from '../wire/balancer.ts';
import type { Address } from '../wire/rest.ts';
import { DatabaseServer } from './database-server.ts';
import { HubProcess } from './hub.ts';
import type { Outage } from './hub.ts';
import type { Stage } from './stage.ts';

/** What a row about hubs talks to and kills: one hub, or several behind a balancer. */
export interface Target {
  readonly url: string;
  readonly port: number;
  readonly token: string;
  readonly socketDir: string;
  readonly outages: readonly Outage[];
  /** Kills a hub, with the database when asked, and starts it again at once. */
  killAndRestart(withDatabase?: boolean): Promise<void>;
}

/** Several hubs on one database, behind a balancer that gives every connection to the next one. */
export class Fleet implements Target {
  readonly database: DatabaseServer;
  readonly hubs: readonly HubProcess[];
  readonly #balancer: Balancer;
  readonly #databaseOutages: Outage[] = [];

  private constructor(hubs: readonly HubProcess[], database: DatabaseServer, balancer: Balancer) {
    this.hubs = hubs;
    this.database = database;
    this.#balancer = balancer;
  }

  /** The first hub makes the schema and the keys; the others are given them, and start at once. */
  static async start(
    stage: Stage,
    size: number,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Fleet> {
    const database = await DatabaseServer.start(stage);
    const { databaseUrl, migrateUrl } = database.urls;
    const env = { ...more, ACT_MIGRATE_URL: migrateUrl };
    const first = await HubProcess.start(stage, 'hub1', databaseUrl, env);
    const others = Array.from({ length: size - 1 }, (_, at) =>
      HubProcess.start(stage, `hub${at + 2}`, databaseUrl, { ...env, ...first.keys }),
    );
    const hubs = [first, ...(await Promise.all(others))];
    const balancer = await Balancer.start(hubs.map(({ port }) => port));
    stage.onClose(() => balancer.stop());
    return new Fleet(hubs, database, balancer);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get port(): number {
    return this.#balancer.port;
  }

  /** Of each hub, past the balancer. */
  get addresses(): readonly Address[] {
    return this.hubs.map(({ url }) => ({ url, token: this.token }));
  }

  get token(): string {
    return this.hubs[0]?.token ?? '';
  }

  get socketDir(): string {
    return this.database.socketDir;
  }

  get outages(): readonly Outage[] {
    return [...this.#databaseOutages, ...this.hubs.flatMap(({ outages }) => outages)].toSorted(
      (a, b) => a.killedAt - b.killedAt,
    );
  }

  async killAndRestart(withDatabase = false): Promise<void> {
    const victim = this.hubs[Math.floor(Math.random() * this.hubs.length)];
    if (!withDatabase) return victim?.killAndRestart();
    const outage: Outage = { killedAt: Date.now(), withDatabase, servedAt: Number.POSITIVE_INFINITY };
    this.#databaseOutages.push(outage);
    await this.database.kill();
    await this.database.start();
    outage.servedAt = Date.now();
  }
}
