import { createHash } from 'node:crypto';
import type { ArtifactStore, Upload } from '@agentmix/act-core';
import { CHUNK_BYTES, chunkCount, sealChunk } from './sealed-chunk.ts';

/** Chunks written by one statement: 256 KiB in hand for each upload, a round trip for each of them. */
const CHUNKS_PER_WRITE = 4;

export type Written =
  | { readonly outcome: 'received'; readonly sha256: string }
  /** Another upload of the file began, or this one was swept. */
  | { readonly outcome: 'over' }
  /** The source ended early or went on too long. */
  | { readonly outcome: 'wrong_length' };

/** Regroups bytes into chunks of CHUNK_BYTES, the last one shorter; none when there are no bytes. */
export async function* chunksOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let filled = 0;
  for await (const part of source) {
    for (let at = 0; at < part.length;) {
      const taken = part.subarray(at, at + CHUNK_BYTES - filled);
      chunk.set(taken, filled);
      filled += taken.length;
      at += taken.length;
      if (filled < CHUNK_BYTES) continue;
      yield chunk;
      chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      filled = 0;
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}

/**
 * Seals what a source delivers and writes it, no faster than the store takes it: the source is read on only after the
 * chunks before are written. `bytes` is how many the source was announced to have. Rejects with the source’s error.
 */
export const writeContent = async (
  store: ArtifactStore,
  upload: Upload,
  dataKey: Uint8Array,
  source: AsyncIterable<Uint8Array>,
  bytes: number,
): Promise<Written> => {
  const { projectId, artifactId } = upload;
  const count = chunkCount(bytes);
  const hash = createHash('sha256');
  let sealed: Buffer[] = [];
  let number = 0;
  let received = 0;
  const seal = (plaintext: Buffer): void => {
    sealed.push(
      sealChunk(dataKey, { projectId, artifactId, number, isLast: number === count - 1 }, plaintext),
    );
    number++;
  };
  const flush = async (): Promise<boolean> => {
    const chunks = sealed;
    sealed = [];
    return chunks.length === 0 || store.append(upload, number - chunks.length, chunks);
  };
  for await (const plaintext of chunksOf(source)) {
    received += plaintext.length;
    if (received > bytes) return { outcome: 'wrong_length' };
    hash.update(plaintext);
    seal(plaintext);
    if (sealed.length === CHUNKS_PER_WRITE && !(await flush())) return { outcome: 'over' };
  }
  if (received !== bytes) return { outcome: 'wrong_length' };
  if (number === 0) seal(Buffer.alloc(0));
  const sha256 = hash.digest('hex');
  const isIn = (await flush()) && (await store.finish(upload, sha256));
  return isIn ? { outcome: 'received', sha256 } : { outcome: 'over' };
};
