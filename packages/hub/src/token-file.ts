import { randomBytes } from 'node:crypto';
import { readOrMintSecret, readSecretFile } from './secret-file.ts';

/** Name of the key file in the data directory. */
export const TOKEN_FILE = 'admin.key';
const TOKEN_BYTES = 24;
const TOKEN_PATTERN = /^act_admin_[A-Za-z0-9_-]{32}$/;

const checked = (file: string, text: string): string => {
  if (TOKEN_PATTERN.test(text)) return text;
  throw new Error(`${file} holds no admin key; remove it to have a new one minted`);
};

/** The admin key of this data directory, minted once. */
export const readOrMintToken = async (file: string): Promise<string> =>
  checked(
    file,
    await readOrMintSecret(file, () => `act_admin_${randomBytes(TOKEN_BYTES).toString('base64url')}`),
  );

export const readToken = async (file: string): Promise<string | undefined> => {
  const text = await readSecretFile(file);
  return text === undefined ? undefined : checked(file, text);
};
