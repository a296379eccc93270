import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, realpath, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** One file of a client, as `act join` wants it. */
export interface FileChange {
  readonly path: string;
  /** The whole new text, from what the file holds now. Given its own result it changes nothing. */
  readonly edit: (before: string | undefined) => string;
  /** Takes our part out of a text that somebody changed since; undefined: the file is ours alone. */
  readonly undo: (now: string) => string | undefined;
  readonly mode?: number;
}

/** A file that is ours alone. */
export const ownFile = (path: string, text: string, mode?: number): FileChange => ({
  path,
  edit: () => text,
  undo: () => undefined,
  ...(mode === undefined ? {} : { mode }),
});

interface Entry {
  readonly path: string;
  /** The bytes before us, base64; absent: there was no file. */
  readonly before?: string;
  /** SHA-256 of what we wrote. */
  readonly after: string;
  /** Directories that we made for it, outermost first. */
  readonly folders: readonly string[];
}

export type Fate = 'written' | 'unchanged' | 'restored' | 'removed' | 'edited';
export interface Told {
  readonly path: string;
  readonly fate: Fate;
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const readBytes = async (path: string): Promise<Buffer | undefined> => {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
};

const textOf = (path: string, bytes: Buffer | undefined): string | undefined => {
  const text = bytes?.toString('utf8');
  if (text !== undefined && bytes && !Buffer.from(text).equals(bytes))
    throw new Error(`${path} is no UTF-8 text and cannot be edited`);
  return text;
};

/** Writes whole or not at all, with the mode that the file had, and through a link to the file that it names. */
const replace = async (path: string, bytes: Uint8Array, mode: number | undefined): Promise<void> => {
  const target = await realpath(path).catch(() => path);
  const kept = mode ?? (await stat(target).catch(() => undefined))?.mode;
  const draft = `${target}.act-${process.pid}`;
  await writeFile(draft, bytes, kept === undefined ? {} : { mode: kept & 0o777 });
  if (kept !== undefined) await chmod(draft, kept & 0o777);
  await rename(draft, target);
};

const missingFolders = (path: string): string[] => {
  const missing: string[] = [];
  for (let folder = dirname(path); !existsSync(folder); folder = dirname(folder)) missing.unshift(folder);
  return missing;
};

/**
 * What was written into files that may belong to others, kept so that every byte can be put back. Where a file was
 * changed after us only our own part is taken out.
 */
export class Ledger {
  readonly #file: string;
  #entries: Entry[] = [];

  private constructor(file: string, entries: Entry[]) {
    this.#file = file;
    this.#entries = entries;
  }

  static async open(file: string): Promise<Ledger> {
    const bytes = await readBytes(file);
    return new Ledger(file, bytes ? (JSON.parse(bytes.toString('utf8')) as Entry[]) : []);
  }

  get paths(): readonly string[] {
    return this.#entries.map(({ path }) => path);
  }

  async #save(): Promise<void> {
    await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
    await replace(this.#file, Buffer.from(`${JSON.stringify(this.#entries)}\n`), 0o600);
  }

  /** Files that are not as we left them: gone, or changed by somebody. */
  async drift(): Promise<readonly { path: string; how: 'gone' | 'changed' }[]> {
    const found: { path: string; how: 'gone' | 'changed' }[] = [];
    for (const { path, after } of this.#entries) {
      const bytes = await readBytes(path);
      if (!bytes) found.push({ path, how: 'gone' });
      else if (hashOf(bytes) !== after) found.push({ path, how: 'changed' });
    }
    return found;
  }

  /** What was there before us: kept from the first time, or what is there now without our part. */
  #before(change: FileChange, now: Buffer | undefined): Buffer | undefined {
    const entry = this.#entries.find(({ path }) => path === change.path);
    if (!entry || !now) return now;
    if (hashOf(now) === entry.after)
      return entry.before === undefined ? undefined : Buffer.from(entry.before, 'base64');
    const without = change.undo(textOf(change.path, now) ?? '');
    return without === undefined ? undefined : Buffer.from(without);
  }

  /** Writes the files as wanted; each is in the ledger before it is on disk. What is gone and not wanted is forgotten. */
  async apply(changes: readonly FileChange[]): Promise<readonly Told[]> {
    const told: Told[] = [];
    const isWanted = (path: string): boolean => changes.some((change) => change.path === path);
    this.#entries = this.#entries.filter(({ path }) => isWanted(path) || existsSync(path));
    for (const change of changes) {
      const { path, mode } = change;
      const now = await readBytes(path);
      const after = Buffer.from(change.edit(textOf(path, now)));
      const before = this.#before(change, now);
      const known = this.#entries.find((entry) => entry.path === path);
      const entry: Entry = {
        path,
        ...(before === undefined ? {} : { before: before.toString('base64') }),
        after: hashOf(after),
        folders: [...(known?.folders ?? []), ...missingFolders(path)],
      };
      this.#entries = [...this.#entries.filter((one) => one.path !== path), entry];
      await this.#save();
      if (now?.equals(after)) told.push({ path, fate: 'unchanged' });
      else {
        await mkdir(dirname(path), { recursive: true });
        await replace(path, after, mode);
        told.push({ path, fate: 'written' });
      }
    }
    return told;
  }

  async #putBack({ path, before, after }: Entry, undo: FileChange['undo'] | undefined): Promise<Fate> {
    const now = await readBytes(path);
    if (!now) return 'unchanged';
    if (hashOf(now) !== after && undo) {
      const rest = undo(textOf(path, now) ?? '');
      if (rest !== undefined) {
        await replace(path, Buffer.from(rest), undefined);
        return 'edited';
      }
    }
    if (before === undefined) {
      await rm(path);
      return 'removed';
    }
    await replace(path, Buffer.from(before, 'base64'), undefined);
    return 'restored';
  }

  /** Puts everything back and forgets it; `changes` tell how to take our part out of what others changed. */
  async restore(changes: readonly FileChange[]): Promise<readonly Told[]> {
    const told: Told[] = [];
    const folders = this.#entries.flatMap((entry) => entry.folders);
    for (const entry of this.#entries.toReversed()) {
      const change = changes.find(({ path }) => path === entry.path);
      told.push({ path: entry.path, fate: await this.#putBack(entry, change?.undo) });
    }
    // Innermost first; one that others use meanwhile stays.
    for (const folder of folders.toSorted((one, other) => other.length - one.length))
      await rmdir(folder).catch(() => undefined);
    await rm(this.#file, { force: true });
    this.#entries = [];
    return told;
  }
}
