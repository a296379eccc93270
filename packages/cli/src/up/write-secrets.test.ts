import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeKey } from '@agentmix/act-hub';
import { expect, it } from 'vitest';
import { writeSecrets } from './write-secrets.ts';

it('makes what is missing, replaces nothing, and lets only the owner into the folder', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'act-secrets-'));
  const folder = join(parent, 'secrets');
  const made = await writeSecrets(folder, 'db:6432', makeKey);
  expect(made.toSorted()).toEqual((await readdir(folder)).toSorted());
  const text = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
  const password = (await text('act-app-password')).trim();
  expect(await text('database-url')).toBe(`postgres://act_app:${password}@db:6432/act\n`);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  await rm(join(folder, 'master-key'));
  await writeFile(join(folder, 'owner-key'), 'mine');
  expect(await writeSecrets(folder, 'db', makeKey)).toEqual(['master-key']);
  expect(await text('owner-key')).toBe('mine');
  await rm(parent, { recursive: true });
});
