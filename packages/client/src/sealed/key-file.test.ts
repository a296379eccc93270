import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openKeyFile } from './key-file.ts';
import { pin } from './keyring.ts';
import { remember } from './seen-ids.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'act-keys-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('keeps keys, trusted keys and seen messages, readable by nobody else', async () => {
  const path = join(folder, 'ada.keys');
  const first = await openKeyFile(path);
  const peer = pin(first, 'p', 'bob', first.secrets);
  remember(peer.seen, 'id', 'message');
  await Promise.all([first.save?.(), first.save?.()]);
  const second = await openKeyFile(path);
  expect(second.secrets).toEqual(first.secrets);
  expect(second.peers).toEqual(first.peers);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['ada.keys']);
});

it('is made once by two that open it at the same time', async () => {
  const path = join(folder, 'ada.keys');
  const [one, other] = await Promise.all([openKeyFile(path), openKeyFile(path)]);
  expect(one.secrets).toEqual(other.secrets);
});

it('refuses a file that others can read, and one that is something else', async () => {
  const path = join(folder, 'ada.keys');
  await openKeyFile(path);
  await chmod(path, 0o644);
  await expect(openKeyFile(path)).rejects.toThrow('chmod 600');
  const other = join(folder, 'other');
  await writeFile(other, '{"version":1,"secrets":{},"peers":[]}', { mode: 0o600 });
  await expect(openKeyFile(other)).rejects.toThrow('no key file');
  expect(await readFile(other, 'utf8')).toBe('{"version":1,"secrets":{},"peers":[]}');
});
