import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { uuidv7 } from 'uuidv7';
import { makeKey, parseKey } from './access/keys/api-key.ts';
import { readOrMintSecret, readSecretFile } from './secret-file.ts';

/** Name of the key file in the data directory. */
export const TOKEN_FILE = 'admin.key';
const OTHERS_BITS = 0o077;

/** An owner’s key, and the file it lies in unless the configuration gave it. */
export interface OwnerKey {
  readonly ownerKey: string;
  readonly ownerKeyFile?: string;
}

const checked = (file: string, text: string): string => {
  if (parseKey(text)) return text;
  throw new Error(`${file} holds no admin key; remove it to have a new one minted`);
};

/** The admin key of this data directory, minted once: an owner’s API key. */
const readOrMintToken = async (file: string): Promise<string> => {
  const token = checked(file, await readOrMintSecret(file, () => makeKey(uuidv7(), 'live').text));
  const { mode } = await stat(file);
  // Windows has no such bits: there the folder’s own access list counts.
  if (process.platform !== 'win32' && (mode & OTHERS_BITS) !== 0)
    throw new Error(`others may read the admin key: chmod 600 ${file}`);
  return token;
};

export const readToken = async (file: string): Promise<string | undefined> => {
  const text = await readSecretFile(file);
  return text === undefined ? undefined : checked(file, text);
};

/** The key that the configuration gives, or that of the data directory. Throws with one line that quotes nothing of it. */
export const openOwnerKey = async (config: {
  readonly ownerKey?: string;
  readonly dataDir: string;
}): Promise<OwnerKey> => {
  if (config.ownerKey === undefined) {
    const ownerKeyFile = join(config.dataDir, TOKEN_FILE);
    return { ownerKey: await readOrMintToken(ownerKeyFile), ownerKeyFile };
  }
  if (parseKey(config.ownerKey)) return { ownerKey: config.ownerKey };
  throw new Error('ACT_OWNER_KEY holds no API key: it begins with act_live_ (act key create prints one)');
};
