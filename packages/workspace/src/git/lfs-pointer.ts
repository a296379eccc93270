import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** A pointer has at most 1,024 bytes, by its specification. */
const POINTER_BYTES_MAX = 1_024;
const FIRST_LINE = 'version https://git-lfs.github.com/spec/v1\n';

/**
 * What git keeps of a file under Git LFS: three lines that name its content. The filter that makes them also
 * copies the content into the repository, so it is not called. A file that is a pointer itself stays as it is.
 */
export const lfsPointer = async (path: string | Buffer): Promise<string> => {
  const hash = createHash('sha256');
  let bytes = 0;
  let start = Buffer.alloc(0);
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(piece);
    bytes += piece.length;
    if (start.length <= POINTER_BYTES_MAX) start = Buffer.concat([start, piece]);
  }
  if (bytes === 0) return '';
  const text = bytes <= POINTER_BYTES_MAX ? start.toString('utf8') : '';
  if (text.startsWith(FIRST_LINE)) return text;
  return `${FIRST_LINE}oid sha256:${hash.digest('hex')}\nsize ${bytes}\n`;
};
