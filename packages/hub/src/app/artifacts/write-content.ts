import { createHash } from 'node:crypto';
import type { ArtifactStore, Upload } from '@agentmix/act-core';
import { CHUNK_BYTES, chunkCount, sealChunk, TAG_BYTES } from './sealed-chunk.ts';
import type { ChunkPlace } from './sealed-chunk.ts';

/** Chunks written by one statement: 256 KiB in hand for each upload, a round trip for each of them. */
const CHUNKS_PER_WRITE = 4;
const SEALED_BYTES = CHUNK_BYTES + TAG_BYTES;

export type Written =
  | { readonly outcome: 'received'; readonly sha256: string }
  /** Another upload of the file began, or this one was swept. */
  | { readonly outcome: 'over' }
  /** The source ended early or went on too long. */
  | { readonly outcome: 'wrong_length' };

/**
 * Regroups bytes into chunks of CHUNK_BYTES, the last one shorter; none when there are no bytes. A chunk is good until
 * the next one is asked for: all of them are the same memory.
 */
export async function* chunksOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let filled = 0;
  for await (const part of source) {
    for (let at = 0; at < part.length;) {
      const taken = part.subarray(at, at + CHUNK_BYTES - filled);
      chunk.set(taken, filled);
      filled += taken.length;
      at += taken.length;
      if (filled < CHUNK_BYTES) continue;
      yield chunk;
      filled = 0;
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}

/** Chunks sealed and not written yet, in memory that one upload uses again and again. */
class SealedChunks {
  readonly #memory = Buffer.allocUnsafeSlow(CHUNKS_PER_WRITE * SEALED_BYTES);
  #bytes = 0;
  /** Number of the first one. */
  #first = 0;
  #count = 0;

  get next(): number {
    return this.#first + this.#count;
  }

  get isFull(): boolean {
    return this.#count === CHUNKS_PER_WRITE;
  }

  add(dataKey: Uint8Array, place: ChunkPlace, plaintext: Uint8Array): void {
    this.#bytes += sealChunk(dataKey, place, plaintext, this.#memory.subarray(this.#bytes)).length;
    this.#count++;
  }

  /** False: the upload is over. */
  async write(store: ArtifactStore, upload: Upload): Promise<boolean> {
    if (this.#count === 0) return true;
    const isOpen = await store.append(
      upload,
      this.#first,
      SEALED_BYTES,
      this.#memory.subarray(0, this.#bytes),
    );
    this.#first = this.next;
    this.#count = 0;
    this.#bytes = 0;
    return isOpen;
  }
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
  const sealed = new SealedChunks();
  const seal = (plaintext: Uint8Array): void => {
    const number = sealed.next;
    sealed.add(dataKey, { projectId, artifactId, number, isLast: number === count - 1 }, plaintext);
  };
  let received = 0;
  for await (const plaintext of chunksOf(source)) {
    received += plaintext.length;
    if (received > bytes) return { outcome: 'wrong_length' };
    hash.update(plaintext);
    seal(plaintext);
    if (sealed.isFull && !(await sealed.write(store, upload))) return { outcome: 'over' };
  }
  if (received !== bytes) return { outcome: 'wrong_length' };
  if (bytes === 0) seal(new Uint8Array());
  const sha256 = hash.digest('hex');
  const isIn = (await sealed.write(store, upload)) && (await store.finish(upload, sha256));
  return isIn ? { outcome: 'received', sha256 } : { outcome: 'over' };
};
