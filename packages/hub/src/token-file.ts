import { uuidv7 } from 'uuidv7';
import { makeKey, parseKey } from './access/keys/api-key.ts';
import { readOrMintSecret, readSecretFile } from './secret-file.ts';

/** Name of the key file in the data directory. */
export const TOKEN_FILE = 'admin.key';

const checked = (file: string, text: string): string => {
  if (parseKey(text)) return text;
  throw new Error(`${file} holds no admin key; remove it to have a new one minted`);
};

/** The admin key of this data directory, minted once: an owner’s API key. */
export const readOrMintToken = async (file: string): Promise<string> =>
  checked(file, await readOrMintSecret(file, () => makeKey(uuidv7(), 'live').text));

export const readToken = async (file: string): Promise<string | undefined> => {
  const text = await readSecretFile(file);
  return text === undefined ? undefined : checked(file, text);
};
