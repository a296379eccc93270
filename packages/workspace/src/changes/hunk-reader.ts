import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import type { Hunk } from './file-change.ts';

/** A file with more hunks counts as one region. */
const HUNKS_MAX = 256;
const HASH_DIGITS = 16;
const LINE_END = 0x0a;
const FILE = 'diff --git ';
const HUNK = /^@@ -(\d+)(?:,(\d+))? \+\d+(?:,(\d+))? @@/;

interface OpenHunk {
  readonly start: number;
  readonly length: number;
  readonly newLength: number;
  readonly hash: Hash;
  oldLeft: number;
  newLeft: number;
  /** The end of the last new line, which a mark after it may take away. */
  hasOpenEnd: boolean;
}

/** Hunks by file, in the order of the patch; undefined for a file whose text git does not compare. */
export type FileHunks = readonly Hunk[] | undefined;

/**
 * Reads the output of `git diff-tree -p -U0` piece by piece. New lines go through a hash and are not kept; lines of
 * a hunk are counted, so that no text in a file can be taken for the next header.
 */
export class HunkReader {
  readonly #files: (Hunk[] | undefined)[] = [];
  #rest: Buffer[] = [];
  #open: OpenHunk | undefined;

  /** Takes the next piece of output. */
  push(piece: Buffer): void {
    let from = 0;
    for (let end = piece.indexOf(LINE_END); end >= 0; end = piece.indexOf(LINE_END, from)) {
      const line = piece.subarray(from, end);
      this.#line(this.#rest.length === 0 ? line : Buffer.concat([...this.#rest, line]));
      this.#rest = [];
      from = end + 1;
    }
    if (from < piece.length) this.#rest.push(piece.subarray(from));
  }

  /** The hunks of each file, once all is read. */
  end(): FileHunks[] {
    this.#close();
    return this.#files;
  }

  #line(line: Buffer): void {
    const open = this.#open;
    if (open && line[0] === 0x5c) open.hasOpenEnd = false;
    else if (open && open.oldLeft > 0 && line[0] === 0x2d) open.oldLeft--;
    else if (open && open.newLeft > 0 && line[0] === 0x2b) {
      if (open.hasOpenEnd) open.hash.update('\n');
      open.hash.update(line.subarray(1));
      open.hasOpenEnd = true;
      open.newLeft--;
    } else {
      this.#close();
      this.#header(line.toString('latin1', 0, 200));
    }
  }

  #header(text: string): void {
    if (text.startsWith(FILE)) this.#files.push([]);
    else if (/^Binary files .* differ$/.test(text) || text === 'GIT binary patch')
      this.#files[this.#files.length - 1] = undefined;
    const match = HUNK.exec(text);
    if (!match) return;
    const [, start = '0', length = '1', newLength = '1'] = match;
    const counts = { start: Number(start), length: Number(length), newLength: Number(newLength) };
    this.#open = {
      ...counts,
      hash: createHash('sha256'),
      oldLeft: counts.length,
      newLeft: counts.newLength,
      hasOpenEnd: false,
    };
  }

  #close(): void {
    const open = this.#open;
    this.#open = undefined;
    const hunks = this.#files.at(-1);
    if (!open || !hunks) return;
    if (open.hasOpenEnd) open.hash.update('\n');
    const { start, length, newLength, hash } = open;
    if (hunks.length >= HUNKS_MAX) this.#files[this.#files.length - 1] = undefined;
    else hunks.push({ start, length, newLength, hash: hash.digest('hex').slice(0, HASH_DIGITS) });
  }
}
