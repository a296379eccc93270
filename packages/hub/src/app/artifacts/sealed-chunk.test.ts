import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHUNK_BYTES, chunkCount, ChunkDamaged, openChunk, sealChunk, TAG_BYTES } from './sealed-chunk.ts';
import type { ChunkPlace } from './sealed-chunk.ts';

interface Vectors {
  readonly dataKey: string;
  readonly projectId: string;
  readonly artifactId: string;
  readonly files: readonly {
    readonly bytes: number;
    readonly sha256: string;
    readonly chunks: readonly {
      readonly number: number;
      readonly isLast: boolean;
      readonly bytes: number;
      readonly tag: string;
      readonly sha256: string;
      readonly sealed?: string;
    }[];
  }[];
  readonly accepted: { readonly place: ChunkPlace; readonly plaintext: string; readonly sealed: string };
  readonly refused: readonly { readonly why: string; readonly place: ChunkPlace; readonly sealed: string }[];
}

const vectors = JSON.parse(
  readFileSync(new URL('../../../test/vectors/artifacts-at-rest.json', import.meta.url), 'utf8'),
) as Vectors;
const { projectId, artifactId } = vectors;
const dataKey = Buffer.from(vectors.dataKey, 'hex');
const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex');
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const pattern = (bytes: number): Buffer =>
  Buffer.from(Uint8Array.from({ length: bytes }, (_, at) => at % 251));

describe('sealed chunks', () => {
  it.each(vectors.files)('are those that another implementation makes of $bytes bytes', (file) => {
    const plaintext = pattern(file.bytes);
    expect(sha256(plaintext)).toBe(file.sha256);
    expect(chunkCount(file.bytes)).toBe(file.chunks.length);
    for (const { number, isLast, bytes, tag, sha256: hash, sealed: hex } of file.chunks) {
      const part = plaintext.subarray(number * CHUNK_BYTES, (number + 1) * CHUNK_BYTES);
      const sealed = sealChunk(dataKey, { projectId, artifactId, number, isLast }, part);
      expect(sealed).toHaveLength(bytes);
      expect(sealed.subarray(-TAG_BYTES).toString('hex')).toBe(tag);
      expect(sha256(sealed)).toBe(hash);
      if (hex !== undefined) expect(sealed.toString('hex')).toBe(hex);
      expect(openChunk(dataKey, { projectId, artifactId, number, isLast }, sealed)).toEqual(part);
    }
  });

  it('of another implementation are opened', () => {
    const { place, plaintext, sealed } = vectors.accepted;
    expect(openChunk(dataKey, place, bytesOf(sealed)).toString('hex')).toBe(plaintext);
  });

  it.each(vectors.refused)('are refused because $why', ({ place, sealed }) => {
    expect(() => openChunk(dataKey, place, bytesOf(sealed))).toThrow(ChunkDamaged);
  });

  it('are opened only at their place, by their key, and unchanged', () => {
    const numbers = fc.nat({ max: 4_095 });
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        numbers,
        fc.boolean(),
        numbers,
        fc.nat(),
        (bytes, number, isLast, other, at) => {
          const key = randomBytes(32);
          const place = { projectId, artifactId, number, isLast };
          const sealed = sealChunk(key, place, bytes);
          expect(new Uint8Array(openChunk(key, place, sealed))).toEqual(bytes);
          const refuses = (wrong: ChunkPlace, given: Uint8Array, by = key): void =>
            expect(() => openChunk(by, wrong, given)).toThrow(ChunkDamaged);
          refuses({ ...place, isLast: !isLast }, sealed);
          if (other !== number) refuses({ ...place, number: other }, sealed);
          refuses(place, sealed, randomBytes(32));
          const flipped = Buffer.from(sealed);
          flipped[at % sealed.length] = (flipped[at % sealed.length] ?? 0) ^ (1 << (at % 8));
          refuses(place, flipped);
          refuses(place, sealed.subarray(0, at % sealed.length));
        },
      ),
    );
  });
});
