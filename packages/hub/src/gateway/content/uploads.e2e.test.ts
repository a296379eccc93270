import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { asked } from '../../../test/door.ts';
import { openGet, openPut, put, receive, sha256, storeFile, toldOf } from '../../../test/files.ts';
import type { Place } from '../../../test/files.ts';
import { startHubProcess } from '../../../test/hub-process.ts';
import type { HubProcess } from '../../../test/hub-process.ts';
import { openRest } from '../../../test/rest-door.ts';
import { commandId } from '../../../test/start-test-hub.ts';
import { makeProject } from '../../../test/world.ts';

const MB = 1_048_576;
const UPLOADS = 32;
/** Size of each of the uploads at once; the figure in docs/decisions/0011-artifacts.md was taken with 50. */
const UPLOAD_MB = Number(process.env['ACT_UPLOAD_MB'] ?? 12);
/**
 * What 32 uploads may cost, whatever their size: each 1 MiB in sealed chunks, the driver’s buffers and sockets, and what
 * the collector leaves, which is more the less often it gets the processor. Kept in memory they would be three times as much.
 */
const GROWTH_BYTES_MAX = 128 * MB;

let folder: string;
let hub: HubProcess;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'act-uploads-'));
  hub = await startHubProcess(join(folder, 'data'));
});
afterEach(async () => {
  await hub.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

/** Sends so many megabytes made on the way, at the pace the hub takes them; answers their hash. */
const sendMegabytes = async (where: Place, megabytes: number): Promise<string> => {
  const hash = createHash('sha256');
  const request = openPut(hub, where, megabytes * MB);
  const answered = once(request, 'response') as Promise<[IncomingMessage]>;
  const block = randomBytes(MB);
  for (let sent = 0; sent < megabytes; sent++) {
    block.writeUInt32BE(sent);
    hash.update(block);
    if (!request.write(Buffer.from(block))) await once(request, 'drain');
  }
  request.end();
  const [response] = await answered;
  const { status, bytes } = await receive(response);
  expect([status, bytes.toString()]).toEqual([200, expect.stringContaining('sha256')]);
  return hash.digest('hex');
};

it('keeps its memory while 32 large uploads come in at once, and serves others meanwhile', async () => {
  const door = openRest(hub);
  const projectId = await makeProject(door);
  // Everything is loaded and every buffer made once.
  await storeFile(hub, door, projectId, randomBytes(2 * MB));
  const before = await hub.memory();
  const started = performance.now();
  let slowest = 0;
  const done = new AbortController();
  const others = (async () => {
    while (!done.signal.aborted) {
      const asking = performance.now();
      await door.command('state.put', projectId, { key: 'beside', value: asking });
      slowest = Math.max(slowest, performance.now() - asking);
      await sleep(100);
    }
  })();
  const places = Array.from({ length: UPLOADS }, () => ({ projectId, artifactId: commandId() }));
  const hashes = await Promise.all(places.map((where) => sendMegabytes(where, UPLOAD_MB)));
  const seconds = (performance.now() - started) / 1_000;
  done.abort();
  await others;
  const after = await hub.memory();
  const growth = after.highest - before.now;
  console.log(
    `${UPLOADS} uploads of ${UPLOAD_MB} MiB in ${seconds.toFixed(1)} s: resident memory ` +
      `${(before.now / MB).toFixed(0)} MiB before, at most ${(after.highest / MB).toFixed(0)} MiB; ` +
      `slowest command beside them ${slowest.toFixed(0)} ms`,
  );
  expect(growth).toBeLessThan(GROWTH_BYTES_MAX);
  const told = { name: 'large', bytes: UPLOAD_MB * MB };
  for (const [at, { artifactId }] of places.entries()) {
    const stored = await door.command('artifact.store', projectId, {
      ...told,
      artifactId,
      sha256: hashes[at],
    });
    expect(stored).toMatchObject({ ok: true });
  }
  const [first] = places;
  const found = first && (await receive(await openGet(hub, first)));
  expect(found && sha256(found.bytes)).toBe(hashes[0]);
}, 900_000);

it('shows nothing of an upload during which it was killed, and takes it anew', async () => {
  const content = randomBytes(8 * MB);
  const projectId = await makeProject(openRest(hub));
  const kept = await storeFile(hub, openRest(hub), projectId, content.subarray(0, MB));
  const whole = { projectId, artifactId: commandId() };
  expect(await put(hub, whole, content)).toMatchObject({ ok: true });
  const half = { projectId, artifactId: commandId() };
  const sending = openPut(hub, half, content.length);
  sending.write(content.subarray(0, 5 * MB));
  await sleep(400);
  await hub.kill();
  sending.destroy();
  hub = await startHubProcess(join(folder, 'data'));
  const door = openRest(hub);
  const store = ({ artifactId }: Place) =>
    door.command('artifact.store', projectId, toldOf(artifactId, content));
  const listed = async (): Promise<string[]> => {
    const { items } = await asked(door, 'artifact.list', projectId);
    return (items as { id: string }[]).map(({ id }) => id).sort();
  };
  expect(await listed()).toEqual([kept.artifactId]);
  expect(await store(half)).toMatchObject({ body: { code: 'artifact_not_uploaded' } });
  // What was answered is durable, though the hub and its connections died right after it.
  expect(await store(whole)).toMatchObject({ ok: true });
  expect(await put(hub, half, content)).toMatchObject({ ok: true });
  expect(await store(half)).toMatchObject({ ok: true });
  for (const where of [whole, half])
    expect((await receive(await openGet(hub, where))).bytes.equals(content)).toBe(true);
  expect(await listed()).toEqual([kept, whole, half].map(({ artifactId }) => artifactId).sort());
});
