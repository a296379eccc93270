import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createDatabaseIfMissing, startEmbedded } from '@agentmix/act-postgres';
import type { EmbeddedOptions, EmbeddedServer } from '@agentmix/act-postgres';
import type { Stage } from './stage.ts';

/** As PostgreSQL has by default: each of several hubs may need 21, and one that was killed leaves its own for a moment. */
const SETTINGS = { max_connections: '100' };

/** A database server that belongs to no hub, and can be killed and started again. */
export class DatabaseServer {
  readonly #options: EmbeddedOptions;
  #server: EmbeddedServer;

  private constructor(options: EmbeddedOptions, server: EmbeddedServer) {
    this.#options = options;
    this.#server = server;
  }

  /** `settings` are PostgreSQL’s, in place of the supervisor’s. */
  static async start(stage: Stage, settings: Record<string, string> = {}): Promise<DatabaseServer> {
    const dataDir = join(stage.dir, 'database');
    mkdirSync(dataDir, { mode: 0o711 });
    const options = { dataDir, settings: { ...SETTINGS, ...settings } };
    const server = await startEmbedded(options);
    const database = new DatabaseServer(options, server);
    stage.onClose(() => database.#server.stop());
    const { socketDir, port, superuser: user } = server;
    await createDatabaseIfMissing({ socketDir, port, user }, 'act');
    return database;
  }

  get socketDir(): string {
    return this.#server.socketDir;
  }

  /** As hubs are given it: for their work, and to make the schema. */
  get urls(): { readonly databaseUrl: string; readonly migrateUrl: string } {
    const { socketDir, port, superuser } = this.#server;
    const urlOf = (user: string): string =>
      `postgres://${user}@/act?host=${encodeURIComponent(socketDir)}&port=${port}`;
    return { databaseUrl: urlOf('act_app'), migrateUrl: urlOf(superuser) };
  }

  /** How it ends in the middle of its work: SIGQUIT is an immediate shutdown, without a checkpoint. */
  async kill(signal: 'SIGQUIT' | 'SIGKILL' = 'SIGQUIT'): Promise<void> {
    const exited = new Promise<void>((resolve) => this.#server.onExit(() => resolve()));
    process.kill(this.#server.pid, signal);
    await exited;
    await this.#server.stop();
  }

  /** Starts it again with what is on disk; resolves when it answers. */
  async start(): Promise<void> {
    this.#server = await startEmbedded(this.#options);
  }
}
