import { createHash } from 'node:crypto';
import type { ArtifactStore, SealedArtifact } from '@agentmix/act-core';
import { ChunkDamaged, chunkCount, openChunk } from './sealed-chunk.ts';

/** Chunks read by one statement. */
const CHUNKS_PER_READ = 4;

/**
 * The plaintext of a file, chunk by chunk, each only after it was authenticated, and the last one only if the hash of
 * all is the one that the project’s log tells. Throws ChunkDamaged. Reads on as it is asked to.
 */
export async function* readContent(
  store: ArtifactStore,
  projectId: string,
  artifactId: string,
  { bytes, sha256 }: SealedArtifact,
  dataKey: Uint8Array,
): AsyncGenerator<Buffer> {
  const count = chunkCount(bytes);
  const hash = createHash('sha256');
  let page: readonly Uint8Array[] = [];
  let first = 0;
  let sent = 0;
  for (let number = 0; number < count; number++) {
    if (number === first + page.length) {
      first = number;
      page = await store.read(projectId, artifactId, first, CHUNKS_PER_READ);
    }
    const sealed = page[number - first];
    if (!sealed) throw new ChunkDamaged(`chunk ${number} is missing`);
    const isLast = number === count - 1;
    const plaintext = openChunk(dataKey, { projectId, artifactId, number, isLast }, sealed);
    hash.update(plaintext);
    sent += plaintext.length;
    if (isLast && (sent !== bytes || hash.digest('hex') !== sha256))
      throw new ChunkDamaged('the file is another than was stored');
    yield plaintext;
  }
}
