import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withBlock, withoutBlock } from './block.ts';
import { Ledger, ownFile } from './ledger.ts';
import type { FileChange } from './ledger.ts';

const BLOCK = { first: '# act', last: '# end of act' };
let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'act-ledger-'));
  file = join(folder, 'config');
});
afterEach(() => rm(folder, { recursive: true }));

const ours = (line = 'ours'): FileChange => ({
  path: file,
  edit: (before) => withBlock(before, BLOCK, [line]),
  undo: (now) => withoutBlock(now, BLOCK),
});
const open = () => Ledger.open(join(folder, 'state', 'ledger.json'));
const apply = async (...changes: FileChange[]) => (await open()).apply(changes);
const restore = async (...changes: FileChange[]) => (await open()).restore(changes);

describe('a ledger', () => {
  it('keeps the mode of a file, and a link to it', async () => {
    const target = join(folder, 'target');
    await writeFile(target, 'theirs\n');
    await chmod(target, 0o751);
    await symlink(target, file);
    await apply(ours());
    expect(await readFile(target, 'utf8')).toContain('ours');
    await restore(ours());
    expect(await readFile(target, 'utf8')).toBe('theirs\n');
    expect((await stat(target)).mode & 0o777).toBe(0o751);
    expect((await lstat(file)).isSymbolicLink()).toBe(true);
  });
  it.each([
    ['text', 'theirs\n'],
    ['text without a last line end', 'theirs'],
    ['text with line ends of Windows', 'one\r\ntwo\r\n'],
    ['nothing', ''],
    ['blank lines at the end', 'theirs\n\n\n'],
  ])('puts back every byte of a file that held %s', async (_what, before) => {
    await writeFile(file, before);
    await apply(ours());
    expect(await readFile(file, 'utf8')).not.toBe(before);
    await restore(ours());
    expect(await readFile(file, 'utf8')).toBe(before);
  });
  it('writes once: applied again it changes nothing, and remembers what was there first', async () => {
    await writeFile(file, 'theirs\n');
    await apply(ours());
    expect(await apply(ours())).toEqual([{ path: file, fate: 'unchanged' }]);
    expect(await apply(ours('of a later release'))).toEqual([{ path: file, fate: 'written' }]);
    await restore(ours());
    expect(await readFile(file, 'utf8')).toBe('theirs\n');
  });
  it('removes files and folders that it made, and leaves a folder that others use meanwhile', async () => {
    const own = [ownFile(join(folder, 'a', 'b', 'c'), 'x'), ownFile(join(folder, 'd', 'e'), 'y')];
    await apply(...own);
    await mkdir(join(folder, 'd', 'theirs'));
    await restore(...own);
    expect((await readdir(folder, { recursive: true })).toSorted()).toEqual([
      'd',
      join('d', 'theirs'),
      'state',
    ]);
  });
  it('takes only its own part out of a file that was changed after it', async () => {
    await writeFile(file, 'theirs\n');
    await apply(ours());
    await writeFile(file, `${await readFile(file, 'utf8')}added\n`);
    expect(await (await open()).drift()).toEqual([{ path: file, how: 'changed' }]);
    expect(await restore(ours())).toEqual([{ path: file, fate: 'edited' }]);
    expect(await readFile(file, 'utf8')).toBe('theirs\nadded\n');
  });
  it('forgets a file that is gone and wanted no longer', async () => {
    const old = ownFile(join(folder, 'old'), 'x');
    await apply(old);
    await rm(old.path);
    await apply(ours());
    expect((await open()).paths).toEqual([file]);
    expect(await (await open()).drift()).toEqual([]);
  });
  it('goes on from a file that was changed between two joins', async () => {
    await writeFile(file, 'theirs\n');
    await apply(ours());
    await writeFile(file, `more\n${await readFile(file, 'utf8')}`);
    await apply(ours());
    await restore(ours());
    expect(await readFile(file, 'utf8')).toBe('more\ntheirs\n');
  });
  it('does not edit what is no text', async () => {
    await writeFile(file, Buffer.from([0xff, 0xfe, 0x00]));
    await expect(apply(ours())).rejects.toThrow('no UTF-8 text');
    expect(await readFile(file)).toEqual(Buffer.from([0xff, 0xfe, 0x00]));
  });
});
