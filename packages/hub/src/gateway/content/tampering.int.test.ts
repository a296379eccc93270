import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabaseIfMissing, startEmbedded } from '@agentmix/act-postgres';
import type { EmbeddedServer } from '@agentmix/act-postgres';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Door } from '../../../test/door.ts';
import { openGet, receive, storeFile } from '../../../test/files.ts';
import type { Place } from '../../../test/files.ts';
import { openRest } from '../../../test/rest-door.ts';
import { silentLogger } from '../../../test/start-test-hub.ts';
import { makeProject } from '../../../test/world.ts';
import { CHUNK_BYTES } from '../../app/artifacts/sealed-chunk.ts';
import { startHub } from '../../start-hub.ts';
import type { Hub } from '../../start-hub.ts';

const CHUNKS = 10;

/** Whoever can write the database cannot make the hub send anything that was not stored. */
describe('a stored file that someone changed in the database', () => {
  let folder: string;
  let server: EmbeddedServer;
  let owner: pg.Client;
  let hub: Hub;
  let door: Door;
  let projectId: string;
  const warnings: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'act-tampering-'));
    server = await startEmbedded({ dataDir: join(folder, 'database') });
    const { socketDir, port, superuser } = server;
    await createDatabaseIfMissing({ socketDir, port, user: superuser }, 'act');
    const options = `host=${encodeURIComponent(socketDir)}&port=${port}`;
    const warn = (fields: unknown, message?: string): void =>
      void warnings.push(`${message} ${JSON.stringify(fields)}`);
    hub = await startHub({
      host: '127.0.0.1',
      port: 0,
      dataDir: join(folder, 'hub'),
      databaseUrl: `postgres://act_app@/act?${options}`,
      migrateUrl: `postgres://${superuser}@/act?${options}`,
      logger: { ...silentLogger, warn } as typeof silentLogger,
    });
    door = openRest(hub);
    projectId = await makeProject(door);
    owner = new pg.Client({ host: socketDir, port, user: superuser, database: 'act' });
    await owner.connect();
  });
  afterAll(async () => {
    await owner.end();
    await hub.stop();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const content = randomBytes(CHUNKS * CHUNK_BYTES - 1_000);
  const store = (): Promise<Place> => storeFile(hub, door, projectId, content);
  const sql = async ({ artifactId }: Place, text: string, ...values: unknown[]): Promise<void> => {
    const { rowCount } = await owner.query(text, [projectId, artifactId, ...values]);
    expect(rowCount).toBeGreaterThan(0);
  };
  const own = 'project_id = $1 and artifact_id = $2';

  /** At most what comes before the change is sent, all of it authentic; and the reader can tell that it is not all. */
  const expectCut = async (where: Place, chunksBefore: number): Promise<void> => {
    const before = warnings.length;
    const { status, bytes, isWhole } = await receive(await openGet(hub, where));
    if (chunksBefore === 0) {
      expect(status).toBe(500);
      expect(JSON.parse(bytes.toString())).toMatchObject({ code: 'artifact_damaged' });
    } else {
      expect([status, isWhole]).toEqual([200, false]);
      expect(bytes.length).toBeLessThanOrEqual(chunksBefore * CHUNK_BYTES);
      expect(bytes.equals(content.subarray(0, bytes.length))).toBe(true);
    }
    expect(warnings.slice(before).join()).toContain(where.artifactId);
  };

  it.each([0, 1, 5, CHUNKS - 1])('is cut off before a chunk with one changed bit (%i)', async (number) => {
    const where = await store();
    await sql(
      where,
      `update act.artifact_chunks set ciphertext = set_bit(ciphertext, 777, 1 - get_bit(ciphertext, 777))
       where ${own} and number = $3`,
      number,
    );
    await expectCut(where, number);
  });

  it('is cut off where two of its chunks were swapped', async () => {
    const where = await store();
    await sql(
      where,
      `update act.artifact_chunks c set ciphertext = o.ciphertext from act.artifact_chunks o
       where c.project_id = $1 and c.artifact_id = $2 and c.number in (3, 4)
         and o.project_id = $1 and o.artifact_id = $2 and o.number = 7 - c.number`,
    );
    await expectCut(where, 3);
  });

  it('is cut off where a chunk is missing', async () => {
    const where = await store();
    await sql(where, `delete from act.artifact_chunks where ${own} and number = 6`);
    await expectCut(where, 6);
  });

  it('is cut off where a chunk is shortened', async () => {
    const where = await store();
    await sql(
      where,
      `update act.artifact_chunks set ciphertext = substring(ciphertext from 1 for 100) where ${own} and number = 2`,
    );
    await expectCut(where, 2);
  });

  it('is not taken as whole when its end is gone and its size changed to fit', async () => {
    const where = await store();
    await sql(where, `delete from act.artifact_chunks where ${own} and number >= 7`);
    await sql(
      where,
      `update act.artifacts set bytes = $3 where project_id = $1 and id = $2`,
      7 * CHUNK_BYTES,
    );
    await expectCut(where, 6);
  });

  it('takes no chunk of another file, and no key of another file', async () => {
    const [where, other] = [await store(), await store()];
    await sql(
      where,
      `update act.artifact_chunks c set ciphertext = o.ciphertext from act.artifact_chunks o
       where c.project_id = $1 and c.artifact_id = $2 and c.number = 1
         and o.project_id = $1 and o.artifact_id = $3 and o.number = 1`,
      other.artifactId,
    );
    await expectCut(where, 1);
    const fresh = await store();
    await sql(
      fresh,
      `update act.artifacts a set wrapped_key = o.wrapped_key from act.artifacts o
       where a.project_id = $1 and a.id = $2 and o.project_id = $1 and o.id = $3`,
      other.artifactId,
    );
    await expectCut(fresh, 0);
    // All of the other file, key and chunks: the key says whose it is.
    const whole = await store();
    await sql(
      whole,
      `update act.artifact_chunks c set ciphertext = o.ciphertext from act.artifact_chunks o
       where c.project_id = $1 and c.artifact_id = $2 and o.project_id = $1 and o.artifact_id = $3
         and o.number = c.number`,
      other.artifactId,
    );
    await sql(
      whole,
      `update act.artifacts a set wrapped_key = o.wrapped_key from act.artifacts o
       where a.project_id = $1 and a.id = $2 and o.project_id = $1 and o.id = $3`,
      other.artifactId,
    );
    await expectCut(whole, 0);
  });

  it('is not sent to its end when its hash is another than was stored', async () => {
    const where = await store();
    await sql(
      where,
      `update act.artifacts set sha256 = $3 where project_id = $1 and id = $2`,
      'ab'.repeat(32),
    );
    await expectCut(where, CHUNKS - 1);
  });

  it('is sent whole when nothing was changed', async () => {
    const where = await store();
    expect(await receive(await openGet(hub, where))).toMatchObject({
      status: 200,
      isWhole: true,
      bytes: content,
    });
    expect(warnings.join()).not.toContain(where.artifactId);
  });
});
