import { createCipheriv, createDecipheriv } from 'node:crypto';

export const CHUNK_BYTES = 65_536;
export const DATA_KEY_BYTES = 32;
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
export const TAG_BYTES = 16;

/** A chunk that is not what was sealed at its place: altered, moved, of another file, or cut off. */
export class ChunkDamaged extends Error {
  override readonly name = 'ChunkDamaged';
}

/** Whose chunk it is, and which: what is authenticated beside it. */
export interface ChunkPlace {
  readonly projectId: string;
  readonly artifactId: string;
  readonly number: number;
  readonly isLast: boolean;
}

/** How many chunks so many bytes make; an empty file is one empty chunk, so that its end is sealed too. */
export const chunkCount = (bytes: number): number => Math.max(1, Math.ceil(bytes / CHUNK_BYTES));

/** The number as 96 bits, big-endian. A data key seals each number once, so no nonce comes twice under a key. */
const nonceOf = (number: number): Buffer => {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUInt32BE(number, NONCE_BYTES - 4);
  return nonce;
};

const additionalData = ({ projectId, artifactId, number, isLast }: ChunkPlace): Buffer =>
  Buffer.from(`act artifact 1|${projectId}|${artifactId}|${number}|${isLast ? 'last' : 'more'}`);

/**
 * Seals one chunk: AES-256-GCM (NIST SP 800-38D), ciphertext and then 16 bytes of tag. Number and end are
 * authenticated, which is the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015): chunks cannot be
 * reordered, dropped, repeated, moved to another file or cut off at the end without a refusal.
 */
export const sealChunk = (dataKey: Uint8Array, place: ChunkPlace, plaintext: Uint8Array): Buffer => {
  const cipher = createCipheriv(CIPHER, dataKey, nonceOf(place.number), { authTagLength: TAG_BYTES });
  cipher.setAAD(additionalData(place));
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
};

/** The plaintext of a chunk, all of it authenticated. Throws ChunkDamaged. */
export const openChunk = (dataKey: Uint8Array, place: ChunkPlace, sealed: Uint8Array): Buffer => {
  if (sealed.length < TAG_BYTES) throw new ChunkDamaged(`chunk ${place.number} has ${sealed.length} bytes`);
  const decipher = createDecipheriv(CIPHER, dataKey, nonceOf(place.number), { authTagLength: TAG_BYTES });
  decipher.setAAD(additionalData(place));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const plaintext = decipher.update(sealed.subarray(0, -TAG_BYTES));
  try {
    decipher.final();
  } catch (error) {
    throw new ChunkDamaged(`chunk ${place.number} is not what was sealed here`, { cause: error });
  }
  return plaintext;
};
