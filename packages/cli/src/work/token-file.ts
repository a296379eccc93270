import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TokenFile {
  readonly path: string;
  remove(): Promise<void>;
}

/**
 * The file that programs read the key from. A key that came from the environment or the command line is put into a file that
 * only this user reads, so that it stands in no program's environment, which is inherited and printed carelessly.
 */
export const tokenFileFor = async (token: string, existing: string | undefined): Promise<TokenFile> => {
  if (existing !== undefined) return { path: existing, remove: () => Promise.resolve() };
  const folder = await mkdtemp(join(tmpdir(), 'act-key-'));
  const path = join(folder, 'key');
  await writeFile(path, `${token}\n`, { mode: 0o600 });
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
};
