import { randomBytes } from 'node:crypto';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { act, jsonOf, makeFolder, startTestHub } from '../test/run-act.ts';
import type { TestHub } from '../test/run-act.ts';

const EVIL = 'evil \u001b[31mred\u001b[0m \u202ereversed';

let hub: TestHub;
beforeAll(async () => {
  hub = await startTestHub();
}, 90_000);
afterAll(() => hub.stop(), 30_000);

const file = async (name: string, text: string): Promise<string> => {
  const path = join(hub.folder, name);
  await writeFile(path, text);
  return path;
};
const run = (...args: string[]) => act(args, hub.env);
const runJson = async (...args: string[]) => jsonOf(await run(...args, '--json'));

describe('act artifact', () => {
  it('hands a file over, lists it, fetches it and deletes it', async () => {
    await run('project', 'create', 'Files');
    const args = ['--project', 'Files'];
    await run('task', 'create', 'patch it', '--key', 'p', ...args);
    const text = 'diff --git a/x b/x\n'.repeat(20_000);
    const path = await file('fix.patch', text);
    const put = ['artifact', 'put', path, '--task', 'p', '--type', 'text/x-diff', '--agent', 'ann'];
    const { artifactId, bytes } = await runJson(...put, ...args);
    expect(bytes).toBe(text.length);
    const id = String(artifactId);
    const { artifacts } = await runJson('artifact', 'list', '--task', 'p', ...args);
    expect(artifacts).toMatchObject([{ id, name: 'fix.patch', mediaType: 'text/x-diff', agentId: 'ann' }]);
    const copy = join(hub.folder, 'copy.patch');
    expect((await run('artifact', 'get', id, '--output', copy, ...args)).code).toBe(0);
    expect(await readFile(copy, 'utf8')).toBe(text);
    expect((await stat(copy)).mode & 0o777).toBe(0o600);
    expect((await run('artifact', 'get', id, '--output', '-', ...args)).stdout).toBe(text);
    expect((await run('artifact', 'get', id, ...args)).code).toBe(2);
    const foreign = await run('artifact', 'delete', id, '--agent', 'bob', ...args);
    expect([foreign.code, foreign.stderr]).toEqual([1, expect.stringContaining('not_your_artifact')]);
    expect((await run('artifact', 'delete', id, '--agent', 'ann', ...args)).code).toBe(0);
    const gone = await run('artifact', 'get', id, '--output', copy, ...args);
    expect([gone.code, gone.stderr]).toEqual([1, expect.stringContaining('artifact_not_found')]);
    expect((await run('artifact', 'list', ...args)).stdout).toContain('no file');
  });

  it('shows a name of others escaped, and never takes it as a path', async () => {
    const path = await file('plain', 'x');
    const refused = await run('artifact', 'put', path, '--name', '../../evil', '--project', 'Files');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('must not be a path')]);
    expect((await run('artifact', 'put', path, '--name', EVIL, '--project', 'Files')).code).toBe(1);
    expect((await run('artifact', 'put', join(hub.folder, 'none'), '--project', 'Files')).code).toBe(2);
  });
});

describe('act artifact rewrap', { timeout: 120_000 }, () => {
  it('moves every file to a new master key, after which the old one is not needed', async () => {
    const [old, next] = [randomBytes(32), randomBytes(32)].map((key) => key.toString('base64'));
    const folder = await makeFolder();
    const path = await file('rotated', 'x'.repeat(200_000));
    const copy = join(hub.folder, 'rotated.copy');
    const withKeys = async <T>(keys: string, work: (hub: TestHub) => Promise<T>): Promise<T> => {
      const one = await startTestHub({ folder, env: { ACT_MASTER_KEY: keys } });
      try {
        return await work(one);
      } finally {
        await one.end();
      }
    };
    const id = await withKeys(String(old), async ({ env }) => {
      await act(['project', 'create', 'Rotated'], env);
      return String(jsonOf(await act(['artifact', 'put', path, '--json'], env))['artifactId']);
    });
    const get = ['artifact', 'get', id, '--output', copy];
    await withKeys(`${next},${old}`, async ({ env }) => {
      expect((await act(get, env)).code).toBe(0);
      expect(jsonOf(await act(['artifact', 'rewrap', '--json'], env))).toMatchObject({
        rewrapped: 1,
        refused: 0,
      });
      expect(jsonOf(await act(['artifact', 'rewrap', '--json'], env))).toMatchObject({
        rewrapped: 0,
        refused: 0,
      });
    });
    await withKeys(String(next), async ({ env }) => {
      expect((await act(get, env)).code).toBe(0);
      expect(await readFile(copy, 'utf8')).toBe('x'.repeat(200_000));
    });
    await withKeys(String(old), async ({ env }) => {
      const damaged = await act(get, env);
      expect([damaged.code, damaged.stderr]).toEqual([1, expect.stringContaining('artifact_damaged')]);
      const rewrapped = await act(['artifact', 'rewrap', '--json'], env);
      expect([rewrapped.code, jsonOf(rewrapped)]).toMatchObject([1, { rewrapped: 0, refused: 1 }]);
    });
    await rm(folder, { recursive: true, force: true });
  });
});
