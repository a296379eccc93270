import { describe, expect, it } from 'vitest';
import { imageOf, restore } from '@agentmix/act-core';
import type { Upload, WrappedKey } from '@agentmix/act-core';
import { uuidv7 } from 'uuidv7';
import { ask, join, letPass, newProject, openDriver, prepare, run, sent, write } from './driver.ts';
import type { Driver, StoreUnderTest } from './driver.ts';

const KEY: WrappedKey = { keyId: 'one', wrapped: new Uint8Array([1, 2, 3]) };
const SHA256 = 'ab'.repeat(32);
const BYTES = 10;
const HOUR_MS = 3_600_000;

const begin = async (
  { store, projectId }: Driver,
  artifactId: string,
  { bytes = BYTES, bytesMax = 1_000 } = {},
): Promise<Upload> => {
  const begun = await store.artifacts.begin({ projectId, artifactId, bytes, bytesMax, key: KEY });
  if (begun.outcome !== 'begun') throw new Error(begun.outcome);
  return begun.upload;
};

/** Chunks of one length and a shorter last one. */
const CHUNKS = [5, 5, 2].map((length, at) => new Uint8Array(length).fill(at + 1));

const send = async (project: Driver, artifactId: string): Promise<void> => {
  const { artifacts } = project.store;
  const upload = await begin(project, artifactId);
  expect(await artifacts.append(upload, 0, CHUNKS.slice(0, 2))).toBe(true);
  expect(await artifacts.append(upload, 2, CHUNKS.slice(2))).toBe(true);
  expect(await artifacts.finish(upload, SHA256)).toBe(true);
};

const told = (artifactId: string) => ({ artifactId, name: 'a.patch', bytes: BYTES, sha256: SHA256 });

const store = async (project: Driver, artifactId: string, more: object = {}): Promise<void> => {
  await send(project, artifactId);
  await run(project, 'artifact.store', { ...told(artifactId), ...more });
};

const contentOf = async ({ store: { artifacts }, projectId }: Driver, id: string): Promise<number[][]> =>
  (await artifacts.read(projectId, id, 0, 10)).map((chunk) => [...chunk]);

const expectRows = async (project: Driver): Promise<void> => {
  const loaded = await project.store.load(project.projectId, 1);
  expect(loaded && imageOf(restore(loaded.image))).toEqual(imageOf(project.state));
};

const suiteOfUploads = (under: () => StoreUnderTest): void => {
  it('shows nothing of an upload before it is stored, and then all of it', async () => {
    const project = await newProject(under().store);
    const { artifacts } = project.store;
    const sessionId = await join(project, 'ada');
    const id = uuidv7();
    await send(project, id);
    expect(await artifacts.find(project.projectId, id)).toBeUndefined();
    expect(await contentOf(project, id)).toEqual([]);
    expect(await ask(project, 'artifact.get', { artifactId: id })).toBeUndefined();
    expect((await ask(project, 'artifact.list', {}))?.items).toEqual([]);
    await run(project, 'artifact.store', { ...told(id), mediaType: 'text/x-diff', sessionId });
    const known = { bytes: BYTES, sha256: SHA256, name: 'a.patch', mediaType: 'text/x-diff' };
    const found = await artifacts.find(project.projectId, id);
    expect(found).toMatchObject({ ...known, key: { keyId: 'one' } });
    expect([...(found?.key.wrapped ?? [])]).toEqual([1, 2, 3]);
    expect(await contentOf(project, id)).toEqual(CHUNKS.map((chunk) => [...chunk]));
    expect(await artifacts.read(project.projectId, id, 1, 1)).toHaveLength(1);
    expect(await ask(project, 'artifact.get', { artifactId: id })).toMatchObject({
      id,
      ...known,
      agentId: 'ada',
    });
    await expectRows(project);
  });

  it('refuses to store what was not uploaded whole, with this size and hash, and writes nothing then', async () => {
    const project = await newProject(under().store);
    const [half, whole, none] = [uuidv7(), uuidv7(), uuidv7()];
    await project.store.artifacts.append(await begin(project, half), 0, CHUNKS);
    await send(project, whole);
    const cases = [
      [half, SHA256, BYTES],
      [none, SHA256, BYTES],
      [whole, 'cd'.repeat(32), BYTES],
      [whole, SHA256, BYTES + 1],
    ] as const;
    for (const [artifactId, sha256, bytes] of cases) {
      const other = await openDriver(project.store, project.projectId);
      const batch = [
        sent('task.create', { title: 'beside it' }),
        sent('artifact.store', { artifactId, name: 'x', sha256, bytes }),
      ];
      expect(await write(other, batch)).toEqual({
        outcome: 'not_uploaded',
        artifacts: [{ artifactId, sha256 }],
      });
      await expectRows(project);
    }
    await run(project, 'artifact.store', told(whole));
    await expectRows(project);
  });
};

const suiteOfFences = (under: () => StoreUnderTest): void => {
  it('takes nothing more from an upload after another began, and has only the other’s chunks', async () => {
    const project = await newProject(under().store);
    const { artifacts } = project.store;
    const id = uuidv7();
    const first = await begin(project, id);
    await artifacts.append(first, 0, [...CHUNKS, new Uint8Array([9])]);
    const second = await begin(project, id);
    expect(await artifacts.append(first, 4, CHUNKS)).toBe(false);
    expect(await artifacts.finish(first, SHA256)).toBe(false);
    expect(await artifacts.append(second, 0, CHUNKS)).toBe(true);
    expect(await artifacts.finish(second, SHA256)).toBe(true);
    expect(await artifacts.append(second, 3, CHUNKS)).toBe(false);
    await run(project, 'artifact.store', told(id));
    expect(await contentOf(project, id)).toEqual(CHUNKS.map((chunk) => [...chunk]));
    const again = { projectId: project.projectId, artifactId: id, bytes: 1, bytesMax: 9e9, key: KEY };
    expect(await artifacts.begin(again)).toEqual({ outcome: 'stored' });
  });

  it('counts uploads and stored files against the bytes a project may have', async () => {
    const project = await newProject(under().store);
    const { artifacts } = project.store;
    await store(project, uuidv7());
    const id = uuidv7();
    await begin(project, id, { bytes: 20 });
    const wanted = { projectId: project.projectId, bytes: 21, bytesMax: 50, key: KEY };
    expect(await artifacts.begin({ ...wanted, artifactId: uuidv7() })).toEqual({
      outcome: 'full',
      bytes: 30,
    });
    expect(await artifacts.begin({ ...wanted, artifactId: id, bytes: 40 })).toMatchObject({
      outcome: 'begun',
    });
  });
};

const suiteOfEnds = (under: () => StoreUnderTest): void => {
  it('has no key and no content of a deleted file, and lets its id be used again', async () => {
    const project = await newProject(under().store);
    const { artifacts } = project.store;
    const [id, other] = [uuidv7(), uuidv7()];
    await store(project, id);
    await store(project, other);
    await run(project, 'artifact.delete', { artifactId: id });
    expect(await artifacts.find(project.projectId, id)).toBeUndefined();
    expect(await contentOf(project, id)).toEqual([]);
    expect((await ask(project, 'artifact.list', {}))?.items.map((one) => one.id)).toEqual([other]);
    await expectRows(project);
    await store(project, id);
    expect(await contentOf(project, id)).toHaveLength(3);
    await expectRows(project);
  });

  it('judges a batch that stores and deletes a file several times by what it comes to', async () => {
    const project = await newProject(under().store);
    const [first, second] = [uuidv7(), uuidv7()];
    await send(project, first);
    const remove = sent('artifact.delete', { artifactId: first });
    const put = () => sent('artifact.store', told(first));
    expect(await write(project, [put(), remove, put()])).toMatchObject({ outcome: 'committed' });
    await expectRows(project);
    expect(await contentOf(project, first)).toHaveLength(3);
    await send(project, second);
    const both = [sent('artifact.store', told(second)), sent('artifact.delete', { artifactId: second })];
    expect(await write(project, both)).toMatchObject({ outcome: 'committed' });
    await expectRows(project);
    const anew = await prepare(project, [sent('artifact.delete', { artifactId: first }), put()]);
    expect(await project.store.commit(anew)).toMatchObject({ outcome: 'not_uploaded' });
  });

  it('sweeps deleted files and abandoned uploads, and nothing that goes on or is stored', async () => {
    const project = await newProject(under().store);
    const { artifacts } = project.store;
    const [kept, deleted, idle, live] = [uuidv7(), uuidv7(), uuidv7(), uuidv7()];
    await store(project, kept);
    await store(project, deleted);
    await run(project, 'artifact.delete', { artifactId: deleted });
    await artifacts.sweep(0, 10_000);
    const abandoned = await begin(project, idle);
    await artifacts.append(abandoned, 0, CHUNKS);
    await letPass(under(), 2_000);
    const going = await begin(project, live);
    expect(await artifacts.sweep(1_500, 1_000)).toBe(1);
    expect(await artifacts.append(abandoned, 3, CHUNKS)).toBe(false);
    expect(await artifacts.append(going, 0, CHUNKS)).toBe(true);
    expect(await contentOf(project, kept)).toHaveLength(3);
    expect(await artifacts.sweep(HOUR_MS, 1_000)).toBe(0);
  });
};

const suiteOfKeys = (under: () => StoreUnderTest): void => {
  it('names the keys of another master key page by page, and replaces those that are still the same', async () => {
    const project = await newProject(under().store);
    const { store: all, projectId } = project;
    const { artifacts } = all;
    const ids = [uuidv7(), uuidv7(), uuidv7()].sort();
    for (const id of ids) await store(project, id);
    const page = await artifacts.keysToRewrap(projectId, 'two', undefined, 2);
    expect(page.map(({ artifactId }) => artifactId)).toEqual(ids.slice(0, 2));
    expect((await artifacts.keysToRewrap(projectId, 'two', ids[1], 2)).map((one) => one.artifactId)).toEqual([
      ids[2],
    ]);
    const after = { keyId: 'two', wrapped: new Uint8Array([7]) };
    const [first = ''] = ids;
    expect(
      await artifacts.replaceKey(projectId, first, { ...KEY, wrapped: new Uint8Array([0]) }, after),
    ).toBe(false);
    expect(await artifacts.replaceKey(projectId, first, KEY, after)).toBe(true);
    expect(await artifacts.replaceKey(projectId, first, KEY, after)).toBe(false);
    expect((await artifacts.find(projectId, first))?.key.keyId).toBe('two');
    expect(await artifacts.keysToRewrap(projectId, 'two', undefined, 9)).toHaveLength(2);
  });
};

const suiteOfIsolation = (under: () => StoreUnderTest): void => {
  it('keeps the same id in two projects apart', async () => {
    const [one, other] = [await newProject(under().store), await newProject(under().store)];
    const id = uuidv7();
    await store(one, id);
    const { artifacts } = other.store;
    expect(await artifacts.find(other.projectId, id)).toBeUndefined();
    expect(await contentOf(other, id)).toEqual([]);
    await store(other, id);
    await run(other, 'artifact.delete', { artifactId: id });
    await artifacts.sweep(HOUR_MS, 1_000);
    expect(await contentOf(one, id)).toHaveLength(3);
    await expectRows(one);
  });

  it('lists by task', async () => {
    const project = await newProject(under().store);
    await run(project, 'task.create', { title: 't' });
    const [taskId = ''] = project.state.tasks.keys();
    const [about, beside] = [uuidv7(), uuidv7()];
    await store(project, about, { taskId });
    await store(project, beside);
    expect((await ask(project, 'artifact.list', { taskId }))?.items).toMatchObject([{ id: about, taskId }]);
  });
};

export const artifactSuites = (under: () => StoreUnderTest): void => {
  describe('uploads', () => suiteOfUploads(under));
  describe('uploads of one file', () => suiteOfFences(under));
  describe('deleted and abandoned files', () => suiteOfEnds(under));
  describe('wrapped keys', () => suiteOfKeys(under));
  describe('files of projects', () => suiteOfIsolation(under));
};
