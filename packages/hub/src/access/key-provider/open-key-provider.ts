import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeyProvider } from '@agentmix/act-core';
import { readOrMintSecret } from '../../secret-file.ts';
import { askKeyService } from './ask-key-service.ts';
import { makeAesGcmProvider } from './aes-gcm-provider.ts';
import { MASTER_KEY_BYTES, parseMasterKeys } from './master-keys.ts';

/** Name of the file in the data directory that the master key is minted into. */
export const MASTER_KEY_FILE = 'master.key';
const OTHERS_BITS = 0o077;

export interface KeyProviderOptions {
  readonly dataDir: string;
  /** Content of ACT_MASTER_KEY; absent: the file. Hubs that share a database share their master keys. */
  readonly masterKeys?: string;
  /** Content of ACT_MASTER_KEY_COMMAND, a program that prints them. */
  readonly masterKeyCommand?: string;
}

const openFile = async (file: string): Promise<KeyProvider> => {
  const mint = (): string => randomBytes(MASTER_KEY_BYTES).toString('base64');
  const text = await readOrMintSecret(file, mint);
  const { mode } = await stat(file);
  // Windows has no such bits: there the folder's own access list counts.
  if (process.platform !== 'win32' && (mode & OTHERS_BITS) !== 0)
    throw new Error(`others may read the master key: chmod 600 ${file}`);
  return makeAesGcmProvider(parseMasterKeys(text, file));
};

/**
 * The hub's key provider: master keys from the environment, from a program that asks a key service, or from a file
 * (mode 0600) that is minted once. Rejects with one line when they are none. To rotate, put a new key before the old
 * one; remove the old one when nothing is wrapped by it any more.
 */
export const openKeyProvider = async (options: KeyProviderOptions): Promise<KeyProvider> => {
  const { dataDir, masterKeys, masterKeyCommand } = options;
  if (masterKeys !== undefined) return makeAesGcmProvider(parseMasterKeys(masterKeys, 'ACT_MASTER_KEY'));
  if (masterKeyCommand === undefined) return openFile(join(dataDir, MASTER_KEY_FILE));
  const answer = await askKeyService(masterKeyCommand);
  return makeAesGcmProvider(parseMasterKeys(answer, 'what ACT_MASTER_KEY_COMMAND prints'));
};
