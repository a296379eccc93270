import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ArtifactStore } from '@agentmix/act-core';
import { uuidv7 } from 'uuidv7';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeService } from '../../../test/make-service.ts';
import type { ServiceUnderTest } from '../../../test/make-service.ts';
import { newMasterKey, testKeys } from '../../../test/test-keys.ts';
import { CHUNK_BYTES } from './sealed-chunk.ts';
import { TRANSFERS_MAX, Vault } from './vault.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Bytes in parts of any size, as a network delivers them. */
async function* inParts(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

describe('the vault', () => {
  let tested: ServiceUnderTest;
  let store: ArtifactStore;
  let log: string[];
  let vault: Vault;
  const keysOf = (...masterKeys: string[]): Vault =>
    new Vault({
      store,
      keys: testKeys(...masterKeys),
      stateOf: (projectId) => tested.service.lanes.of(projectId).recall(),
      log: (message, fields) => log.push(`${message} ${JSON.stringify(fields)}`),
    });
  beforeEach(async () => {
    tested = await makeService();
    store = tested.failing.store.artifacts;
    log = [];
    vault = keysOf();
  });
  afterEach(() => tested.service.stop());

  const send = (id: string, bytes: Uint8Array, size = 10_000, by = vault) =>
    by.upload(tested.projectId, id, bytes.length, inParts(bytes, size));
  const storeFile = (id: string, bytes: Uint8Array) =>
    tested.run('artifact.store', {
      artifactId: id,
      name: 'x',
      mediaType: 'text/plain',
      bytes: bytes.length,
      sha256: sha256(bytes),
    });
  const read = async (id: string, by = vault): Promise<{ bytes: Buffer; code: string }> => {
    const parts: Buffer[] = [];
    const done = await by.download(tested.projectId, id, async ({ content }) => {
      for await (const part of content) parts.push(part);
    });
    return { bytes: Buffer.concat(parts), code: done.ok ? 'ok' : done.refusal.code };
  };

  it('gives back what it was given, whatever its length and the parts it came in', async () => {
    const lengths = fc.oneof(
      fc.integer({ min: 0, max: 300_000 }),
      fc.constantFrom(0, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 4 * CHUNK_BYTES, 5 * CHUNK_BYTES),
    );
    await fc.assert(
      fc.asyncProperty(lengths, fc.integer({ min: 500, max: 200_000 }), async (length, size) => {
        const [id, bytes] = [uuidv7(), randomBytes(length)];
        expect(await send(id, bytes, size)).toEqual({
          ok: true,
          value: { artifactId: id, bytes: length, sha256: sha256(bytes) },
        });
        expect(await storeFile(id, bytes)).toMatchObject({ ok: true });
        const found = await read(id);
        expect(found.code).toBe('ok');
        expect(found.bytes.equals(bytes)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('refuses a source that is shorter or longer than announced, and shows nothing of it', async () => {
    for (const announced of [99, 101]) {
      const id = uuidv7();
      const bytes = randomBytes(100);
      const sent = await vault.upload(tested.projectId, id, announced, inParts(bytes, 7));
      expect(sent).toMatchObject({ ok: false, refusal: { code: 'malformed_body' } });
      expect(await storeFile(id, bytes)).toMatchObject({ refusal: { code: 'artifact_not_uploaded' } });
    }
  });

  it('reads its source no faster than the store writes', async () => {
    let [taken, isStuck] = [0, true];
    async function* source(): AsyncGenerator<Buffer> {
      for (; taken < 100; taken++) yield Buffer.alloc(CHUNK_BYTES);
    }
    store = {
      ...store,
      append: async (...given) => {
        while (isStuck) await sleep(5);
        return tested.failing.store.artifacts.append(...given);
      },
    };
    const sending = keysOf().upload(tested.projectId, uuidv7(), 100 * CHUNK_BYTES, source());
    await sleep(100);
    expect(taken).toBeLessThanOrEqual(5);
    isStuck = false;
    expect(await sending).toMatchObject({ ok: true });
  });

  it('refuses more transfers at once than its memory is meant for', async () => {
    const open: (() => void)[] = [];
    async function* stuck(): AsyncGenerator<Buffer> {
      await new Promise<void>((resolve) => open.push(resolve));
      yield Buffer.alloc(1);
    }
    const sending = Array.from({ length: TRANSFERS_MAX }, () =>
      vault.upload(tested.projectId, uuidv7(), 1, stuck()),
    );
    while (open.length < TRANSFERS_MAX) await sleep(1);
    expect(await send(uuidv7(), Buffer.alloc(1))).toMatchObject({ refusal: { code: 'overloaded' } });
    expect(await read(uuidv7())).toMatchObject({ code: 'overloaded' });
    open.forEach((go) => go());
    expect((await Promise.all(sending)).every(({ ok }) => ok)).toBe(true);
    expect(await send(uuidv7(), Buffer.alloc(1))).toMatchObject({ ok: true });
  });

  it('reads files of an old master key, writes with the new one, and wraps old keys anew', async () => {
    const [old, next] = [newMasterKey(), newMasterKey()];
    const [first, second, bytes] = [uuidv7(), uuidv7(), randomBytes(100_000)];
    await send(first, bytes, 9_999, keysOf(old));
    await storeFile(first, bytes);
    const both = keysOf(next, old);
    await send(second, bytes, 9_999, both);
    await storeFile(second, bytes);
    expect(await read(first, both)).toMatchObject({ code: 'ok' });
    expect(await read(first, keysOf(next))).toMatchObject({ code: 'artifact_damaged' });
    expect(await read(second, keysOf(next))).toMatchObject({ code: 'ok' });
    const chunks = await store.read(tested.projectId, first, 0, 10);
    // Without the old key it cannot be done, and says so.
    expect(await keysOf(next).rewrap(tested.projectId, undefined)).toMatchObject({
      value: { rewrapped: 0, refused: 1 },
    });
    const { currentKeyId } = testKeys(next);
    const done = { keyId: currentKeyId, rewrapped: 1, refused: 0 };
    expect(await both.rewrap(tested.projectId, undefined)).toEqual({ ok: true, value: done });
    expect(await both.rewrap(tested.projectId, undefined)).toEqual({
      ok: true,
      value: { ...done, rewrapped: 0 },
    });
    expect((await read(first, keysOf(next))).bytes.equals(bytes)).toBe(true);
    expect(await read(first, keysOf(old))).toMatchObject({ code: 'artifact_damaged' });
    expect(await store.read(tested.projectId, first, 0, 10)).toEqual(chunks);
  });

  it('is unavailable, and not damaged, while the master key cannot be reached', async () => {
    const [id, bytes] = [uuidv7(), randomBytes(10)];
    await send(id, bytes);
    await storeFile(id, bytes);
    const away = new Vault({
      store,
      keys: {
        currentKeyId: 'far',
        wrap: () => Promise.reject(new Error('no route')),
        unwrap: () => Promise.reject(new Error('no route')),
      },
      stateOf: (projectId) => tested.service.lanes.of(projectId).recall(),
      log: () => undefined,
    });
    expect(await read(id, away)).toMatchObject({ code: 'unavailable' });
    expect(await send(uuidv7(), bytes, 5, away)).toMatchObject({ refusal: { code: 'unavailable' } });
  });

  it('stores once, whoever says it how often, and refuses another file under the id', async () => {
    const [id, bytes] = [uuidv7(), randomBytes(10)];
    await send(id, bytes);
    expect(await storeFile(id, bytes)).toMatchObject({ ok: true });
    const seq = tested.service.lanes.of(tested.projectId).state?.seq;
    expect(await storeFile(id, bytes)).toMatchObject({ ok: true, output: { artifactId: id }, seq });
    expect(await storeFile(id, randomBytes(10))).toMatchObject({ refusal: { code: 'duplicate_id' } });
    expect(await send(id, bytes)).toMatchObject({ refusal: { code: 'duplicate_id' } });
    const both = [await tested.run('artifact.delete', { artifactId: id }), await read(id)];
    expect(both).toMatchObject([{ ok: true }, { code: 'artifact_not_found' }]);
  });

  it('decides the others of a batch when one of its files was not uploaded', async () => {
    const [id, bytes] = [uuidv7(), randomBytes(10)];
    await send(id, bytes);
    const answers = await Promise.all([
      tested.run('project.update', { name: 'before' }),
      storeFile(uuidv7(), bytes),
      storeFile(id, bytes),
      tested.run('project.milestone', { name: 'after' }),
    ]);
    expect(answers.map(({ ok }) => ok)).toEqual([true, false, true, true]);
    expect(answers[1]).toMatchObject({ refusal: { code: 'artifact_not_uploaded' } });
  });

  it('lets an agent delete what it stored, and nobody else’s', async () => {
    const session = async (agentId: string): Promise<string> => {
      const joined = await tested.run('agent.register', { agentId, capabilities: [] });
      return joined.ok ? String((joined.output as { sessionId: unknown }).sessionId) : '';
    };
    const [ada, bob] = [await session('ada'), await session('bob')];
    const [id, bytes] = [uuidv7(), randomBytes(10)];
    await send(id, bytes);
    const told = { artifactId: id, name: 'x', mediaType: 'a/b', bytes: 10, sha256: sha256(bytes) };
    await tested.run('artifact.store', { ...told, sessionId: ada });
    expect(await tested.run('artifact.delete', { artifactId: id, sessionId: bob })).toMatchObject({
      refusal: { code: 'not_your_artifact', data: { storedBy: 'ada' } },
    });
    expect(await tested.run('artifact.delete', { artifactId: id, sessionId: ada })).toMatchObject({
      ok: true,
    });
    expect(await tested.run('artifact.delete', { artifactId: id })).toMatchObject({
      refusal: { code: 'artifact_not_found' },
    });
  });
});
