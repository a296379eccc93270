import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import type { FileChange, Hunk } from '@agentmix/act-core';

/** Two branches from one commit, with what both changed, and whether git could merge them. */
export interface Scenario {
  /** Two concurrent branches, or the two sides of a merge that was made. */
  readonly kind: 'pair' | 'merge';
  readonly isConflict: boolean;
  readonly files: readonly (readonly [FileChange, FileChange])[];
}

type FlatHunks = readonly number[] | null;
type FileRow = readonly [string, string, string, FlatHunks, FlatHunks, string | 0, (0 | 1)?];
interface Row {
  readonly k: 'p' | 'm';
  readonly c: 0 | 1;
  readonly f: readonly FileRow[];
}

const hunksOf = (flat: FlatHunks): Hunk[] | undefined =>
  flat
    ?.filter((_, at) => at % 3 === 0)
    .map((start, at) => ({ start, length: flat[at * 3 + 1] ?? 0, newLength: flat[at * 3 + 2] ?? 0 }));

const statusOf = (letter: string): FileChange['status'] => {
  if (letter === 'A') return 'created';
  return letter === 'D' ? 'deleted' : 'modified';
};

const toChange = (path: string, letter: string, flat: FlatHunks, end: string): FileChange => ({
  path,
  status: statusOf(letter),
  checksum: end,
  hunks: hunksOf(flat),
});

/** Ranges alone: the file has no hashes of hunks, only whether both sides end in the same file. */
const toPair = ([path, left, right, leftHunks, rightHunks, , isSame]: FileRow): [FileChange, FileChange] => [
  toChange(path, left, leftHunks, 'left'),
  toChange(path, right, rightHunks, isSame === 1 ? 'left' : 'right'),
];

/** Reads scenarios from a file of JSON lines, gzipped or not. */
export async function* readScenarios(file: string): AsyncGenerator<Scenario> {
  const bytes = createReadStream(file);
  const text = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
  for await (const line of createInterface({ input: text, crlfDelay: Infinity })) {
    if (line === '') continue;
    const row = JSON.parse(line) as Row;
    yield { kind: row.k === 'p' ? 'pair' : 'merge', isConflict: row.c === 1, files: row.f.map(toPair) };
  }
}
