import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startHub } from '@agentmix/act-hub';
import type { Hub as RunningHub } from '@agentmix/act-hub';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCuttingProxy } from '../../test/cutting-proxy.ts';
import { createAgent } from '../agent/create-agent.ts';
import { ActDamaged, ActUnavailable } from '../errors.ts';
import { connectHub } from '../hub.ts';
import type { Hub } from '../hub.ts';
import type { ReadArtifact } from './read-artifact.ts';

const collect = async (content: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const parts: Uint8Array[] = [];
  for await (const part of content) parts.push(part);
  return Buffer.concat(parts);
};

describe('files through the SDK', () => {
  let folder: string;
  let running: RunningHub;
  let hub: Hub;
  let projectId: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'act-client-files-'));
    running = await startHub({
      host: '127.0.0.1',
      port: 0,
      dataDir: join(folder, 'hub'),
      logLevel: 'silent',
    });
    hub = connectHub({ url: running.url, token: running.token });
    const created = await hub.command('project.create', undefined, { name: 'files' });
    if (!created.ok) throw new Error(created.refusal.code);
    ({ projectId } = created.value);
  });
  afterAll(async () => {
    await hub.close();
    await running.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const open = async (artifactId: string, through = hub): Promise<ReadArtifact> => {
    const read = await through.readArtifact(projectId, artifactId);
    if (!read.ok) throw new Error(read.refusal.code);
    return read.value;
  };
  const content = randomBytes(3_000_000);

  it('come back as they went, from bytes, a path and a stream', async () => {
    const path = join(folder, 'snapshot.tar');
    await writeFile(path, content);
    const agent = createAgent({ hub, projectId, agentId: 'ada', heartbeat: false });
    await agent.register();
    const stored = [
      await agent.storeArtifact(content, { name: 'from bytes', mediaType: 'application/x-tar' }),
      await agent.storeArtifact(path, {}),
      await agent.storeArtifact(createReadStream(path), { name: 'from a stream', bytes: content.length }),
      await agent.storeArtifact(new Uint8Array(), { name: 'nothing' }),
    ];
    const names: string[] = [];
    for (const [at, one] of stored.entries()) {
      if (!one.ok) throw new Error(JSON.stringify(one.refusal));
      const { artifact, content: bytes } = await open(one.value.artifactId);
      names.push(artifact.name);
      expect(artifact).toMatchObject({ agentId: 'ada', sha256: one.value.sha256, bytes: one.value.bytes });
      expect((await collect(bytes)).equals(at === 3 ? Buffer.alloc(0) : content)).toBe(true);
    }
    expect(names).toEqual(['from bytes', 'snapshot.tar', 'from a stream', 'nothing']);
    const [first] = stored;
    if (!first?.ok) throw new Error('not stored');
    expect(await agent.deleteArtifact(first.value.artifactId)).toMatchObject({ ok: true });
    expect(await hub.readArtifact(projectId, first.value.artifactId)).toMatchObject({
      refusal: { code: 'artifact_not_found' },
    });
  });

  it('are stored once, though the call is repeated after a crash, and never over another', async () => {
    const artifactId = uuidv7();
    const store = (bytes: Buffer) => hub.storeArtifact(projectId, bytes, { artifactId, name: 'x' });
    const first = await store(content);
    expect(first).toMatchObject({ ok: true });
    expect(await store(content)).toEqual({ ...first, seq: first.ok ? first.seq : 0 });
    expect(await store(randomBytes(10))).toMatchObject({ refusal: { code: 'duplicate_id' } });
  });

  it('are refused by name: too many bytes, no such task, a stream without a length', async () => {
    await hub.command('project.update', projectId, { settings: { artifactBytesMax: 1 } });
    expect(await hub.storeArtifact(projectId, content, { name: 'x' })).toMatchObject({
      refusal: { code: 'limit_reached' },
    });
    await hub.command('project.update', projectId, { settings: { artifactBytesMax: 1e10 } });
    const taskId = uuidv7();
    expect(await hub.storeArtifact(projectId, Buffer.from('x'), { name: 'x', taskId })).toMatchObject({
      refusal: { code: 'task_not_found' },
    });
    const stream = createReadStream('/dev/null');
    await expect(hub.storeArtifact(projectId, stream, { name: 'x' })).rejects.toThrow(TypeError);
  });

  it('are sent again over a connection that broke, and a stream is not', async () => {
    const proxy = await startCuttingProxy(running.url, []);
    const through = connectHub({ url: proxy.url, token: running.token, retry: { totalMs: 20_000 } });
    const cut = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 60));
      proxy.cut();
    };
    const large = randomBytes(30_000_000);
    const [sent] = await Promise.all([through.storeArtifact(projectId, large, { name: 'x' }), cut()]);
    if (!sent.ok) throw new Error(sent.refusal.code);
    expect((await collect((await open(sent.value.artifactId)).content)).equals(large)).toBe(true);
    async function* slow(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < 100; at++) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        yield large.subarray(0, 100_000);
      }
    }
    const streaming = through.storeArtifact(projectId, slow(), { name: 'x', bytes: 10_000_000 });
    const failed = expect(streaming).rejects.toThrow(ActUnavailable);
    await cut();
    await failed;
    // A reader whose connection is cut is told so, and does not take the part for the whole.
    const { content: bytes } = await open(sent.value.artifactId, through);
    const parts: number[] = [];
    await expect(
      (async () => {
        for await (const part of bytes) {
          parts.push(part.length);
          if (parts.length === 1) proxy.cut();
        }
      })(),
    ).rejects.toThrow(ActDamaged);
    await through.close();
    await proxy.stop();
  });
});
