import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Name of the key file in the data directory. */
export const TOKEN_FILE = 'admin.key';
const TOKEN_BYTES = 24;
const TOKEN_PATTERN = /^act_admin_[A-Za-z0-9_-]{32}$/;

/** The admin key of this data directory, minted once into a file that only its owner reads (mode 0600). */
export const readOrMintToken = async (file: string): Promise<string> => {
  const known = await readToken(file);
  if (known !== undefined) return known;
  const token = `act_admin_${randomBytes(TOKEN_BYTES).toString('base64url')}`;
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(`${token}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  // A link appears whole or not at all, and does not replace a key that another process minted meanwhile.
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
  return (await readToken(file)) ?? token;
};

export const readToken = async (file: string): Promise<string | undefined> => {
  try {
    const text = (await readFile(file, 'utf8')).trim();
    if (!TOKEN_PATTERN.test(text))
      throw new Error(`${file} holds no admin key; remove it to have a new one minted`);
    return text;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
};
