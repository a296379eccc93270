import { createHash, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { randomBase62, toBase62 } from './base62.ts';

/** `test`: a key that may be in a test's fixtures; both are checked alike. */
export type KeyEnvironment = 'live' | 'test';

/** What a key’s text says before any database is asked. */
export interface ApiKey {
  readonly environment: KeyEnvironment;
  /** UUID of the key. */
  readonly keyId: string;
  /** 30 base62 characters, 178 bits. */
  readonly secret: string;
}

const SECRET_LENGTH = 30;
const CHECKSUM_LENGTH = 6;
/** `act_live_`, 32 hexadecimal digits, `_`, the secret, `_`, the checksum. */
const KEY_LENGTH = 79;
const KEY_PATTERN = /^act_(live|test)_([0-9a-f]{32})_([0-9A-Za-z]{30})_[0-9A-Za-z]{6}$/;

const checksum = (text: string): string => toBase62(crc32(text), CHECKSUM_LENGTH);

const withDashes = (digits: string): string =>
  digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

/**
 * The text of a new key of this id (a UUID): `act_<env>_<id>_<secret>_<crc>`. The secret is in the text only: what is
 * stored is `hashSecret` of it.
 */
export const makeKey = (keyId: string, environment: KeyEnvironment): ApiKey & { readonly text: string } => {
  const secret = randomBase62(SECRET_LENGTH);
  const body = `act_${environment}_${keyId.toLowerCase().replaceAll('-', '')}_${secret}`;
  return { environment, keyId: keyId.toLowerCase(), secret, text: `${body}_${checksum(body)}` };
};

/**
 * Reads a key’s text; undefined when it is none. The CRC-32 notices every mistyped character (any error within 32
 * bits), so that a typo costs no look-up and a scanner of leaked secrets is never wrong; it proves nothing. Linear
 * in the text, which is not looked at when it has another length.
 */
export const parseKey = (text: string): ApiKey | undefined => {
  if (text.length !== KEY_LENGTH) return undefined;
  const [, environment, id, secret] = KEY_PATTERN.exec(text) ?? [];
  if (environment === undefined || id === undefined || secret === undefined) return undefined;
  const end = KEY_LENGTH - CHECKSUM_LENGTH;
  if (text.slice(end) !== checksum(text.slice(0, end - 1))) return undefined;
  // One of the two words that the pattern takes.
  return { environment: environment as KeyEnvironment, keyId: withDashes(id), secret };
};

/**
 * SHA-256 of a secret, hexadecimal. A slow password hash would guard nothing here: 178 random bits cannot be guessed,
 * and 200 ms for each call would let anyone stop the hub.
 */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Compares two hashes in a time that does not tell where they differ. */
export const sameHash = (one: string, other: string): boolean => {
  const [bytes, others] = [Buffer.from(one), Buffer.from(other)];
  return bytes.length === others.length && timingSafeEqual(bytes, others);
};
