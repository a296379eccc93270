import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What a vector says has to come out; `acceptable`: refusing is fine too. */
export type Expected = 'valid' | 'invalid' | 'acceptable';

/** Tests of a Wycheproof file, each with the members of its group. */
export type Vector = Readonly<Record<string, unknown>> & { readonly result: Expected };

interface File {
  readonly testGroups: readonly (Readonly<Record<string, unknown>> & { readonly tests: readonly Vector[] })[];
}

const dataFolder =
  process.env['ACT_DATA'] ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url));

/** The vectors of a file in ACT_DATA/wycheproof; undefined where it is not there. */
export const readVectors = (name: string): readonly Vector[] | undefined => {
  const path = join(dataFolder, 'wycheproof', `${name}.json`);
  if (!existsSync(path)) return undefined;
  // The format of the files is public and pinned: https://github.com/C2SP/wycheproof/tree/main/schemas.
  const { testGroups } = JSON.parse(readFileSync(path, 'utf8')) as File;
  return testGroups.flatMap(({ tests, ...group }) => tests.map((test) => ({ ...group, ...test })));
};

/** A member that holds bytes in hexadecimal. */
export const bytesIn = (vector: Vector, member: string): Buffer => Buffer.from(textIn(vector, member), 'hex');

export const textIn = (vector: Vector, member: string): string => {
  const value = vector[member];
  if (typeof value !== 'string') throw new Error(`no ${member} in vector ${String(vector['tcId'])}`);
  return value;
};
