import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StoreUnavailable } from '@agentmix/act-core';
import type { Store } from '@agentmix/act-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabaseIfMissing } from './create-database.ts';
import { Committers } from './committers.ts';
import { startEmbedded } from './embedded/index.ts';
import type { EmbeddedServer } from './embedded/index.ts';
import { migrate } from './migrate.ts';
import { NotifyBus } from './notify-bus.ts';
import { openPostgresStore } from './postgres-store.ts';

const NOTICED_MS_MAX = 15_000;
const TURN_MS_MAX = 3_000;

/** A way to the server on which packets can be lost without a word, as behind a cable that was pulled. */
class Line {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  constructor(path: string) {
    this.#server = createServer((client) => {
      const server = connect(path);
      for (const [from, to] of [
        [client, server],
        [server, client],
      ] as const) {
        this.#sockets.add(from);
        from.on('error', () => undefined);
        from.on('close', () => to.destroy());
        from.on('data', (bytes) => {
          if (!this.#isCut) to.write(bytes);
        });
      }
    });
  }

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `postgres://act_app@127.0.0.1:${(this.#server.address() as AddressInfo).port}/act`;
  }

  cut(): void {
    this.#isCut = true;
  }

  mend(): void {
    this.#isCut = false;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }
}

const PROJECT_ID = '01900000-0000-7000-8000-000000000001';

describe('a connection on which nothing comes back any more', () => {
  let folder: string;
  let server: EmbeddedServer;
  let line: Line;
  let store: Store;
  let committers: Committers;
  let bus: NotifyBus;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'act-silent-'));
    server = await startEmbedded({ dataDir: join(folder, 'data') });
    const { socketDir, port, superuser: user } = server;
    await createDatabaseIfMissing({ socketDir, port, user }, 'act');
    await migrate({ connection: { socketDir, port, user } });
    line = new Line(join(socketDir, `.s.PGSQL.${port}`));
    const options = { connection: { url: await line.open() }, log: () => undefined };
    store = await openPostgresStore(options);
    committers = new Committers(options);
    bus = new NotifyBus(options);
    await store.clock();
    await committers.query(PROJECT_ID, { text: 'select 1' });
    (await store.takeTurn(PROJECT_ID, 100, 0))?.end();
  });
  afterAll(async () => {
    line.close();
    await Promise.all([bus.close(), committers.close(), store.close()]);
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it(
    'is given up, whoever waits on it, and replaced when the server is reached again',
    async () => {
      await expect.poll(() => bus.isHearing).toBe(true);
      line.cut();
      bus.publish(PROJECT_ID, 1);
      const asked = [
        store.clock(),
        store.load(PROJECT_ID, 0),
        store.takeTurn(PROJECT_ID, 100, 0).then(() => Promise.reject(new StoreUnavailable('no turn'))),
        committers.query(PROJECT_ID, { text: 'select 1' }),
      ];
      // Attached at once: the turn is given up while the rest is still waited for.
      const settling = Promise.allSettled(asked);
      const askedAt = performance.now();
      // A turn is no more than a courtesy: nobody waits for one as long as for an answer.
      await store.takeTurn(PROJECT_ID, 100, 0);
      expect(performance.now() - askedAt).toBeLessThan(TURN_MS_MAX);
      const settled = await settling;
      for (const one of settled)
        expect(one).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) });
      await expect.poll(() => bus.isHearing, { timeout: NOTICED_MS_MAX }).toBe(false);
      line.mend();
      expect(await store.clock()).toBeGreaterThan(0);
      await committers.query(PROJECT_ID, { text: 'select 1' });
      await expect.poll(() => bus.isHearing, { timeout: NOTICED_MS_MAX }).toBe(true);
    },
    4 * NOTICED_MS_MAX,
  );
});
