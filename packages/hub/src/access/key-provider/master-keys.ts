import { createHash } from 'node:crypto';

/** A key that encrypts data keys, and the name it is known by. */
export interface MasterKey {
  readonly id: string;
  /** 32 bytes. */
  readonly secret: Uint8Array;
}

export const MASTER_KEY_BYTES = 32;
const ID_HEX_DIGITS = 16;
/** Base64 of exactly 32 bytes, in its one spelling. */
const MASTER_KEY_PATTERN = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

/** A key names itself: nothing has to be configured beside it. A prefix of its hash tells nothing of 256 random bits. */
const idOf = (secret: Uint8Array): string =>
  createHash('sha256').update('act master key').update(secret).digest('hex').slice(0, ID_HEX_DIGITS);

/**
 * Master keys as a file or a variable holds them: base64 of 32 bytes each, separated by commas or white space. The
 * first is the current one, the others only decrypt what they once encrypted. Throws with one line that names
 * `source` and quotes nothing of it.
 */
export const parseMasterKeys = (text: string, source: string): readonly MasterKey[] => {
  const words = text.split(/[\s,]+/).filter(Boolean);
  const keys = words.map((word): MasterKey => {
    if (!MASTER_KEY_PATTERN.test(word))
      throw new Error(`${source} must hold base64 of ${MASTER_KEY_BYTES} bytes (openssl rand -base64 32)`);
    const secret = Buffer.from(word, 'base64');
    return { id: idOf(secret), secret };
  });
  if (keys.length === 0) throw new Error(`${source} holds no master key`);
  return keys;
};
