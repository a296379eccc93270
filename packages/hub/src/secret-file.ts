import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The text of a secret file, trimmed; undefined where there is none. */
export const readSecretFile = async (file: string): Promise<string | undefined> => {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
};

/** Also the folder is flushed: what a minted secret encrypts must not outlive it after a power cut. */
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** The secret in this file, minted once into a file that only its owner reads (mode 0600); of several minters one wins. */
export const readOrMintSecret = async (file: string, mint: () => string): Promise<string> => {
  const known = await readSecretFile(file);
  if (known !== undefined) return known;
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${randomUUID()}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(`${mint()}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  // A link appears whole or not at all, and does not replace a secret that another process minted meanwhile.
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
  await syncFolder(dirname(file));
  const minted = await readSecretFile(file);
  if (minted === undefined) throw new Error(`${file} was removed while it was minted`);
  return minted;
};
