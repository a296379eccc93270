import { readFile } from 'node:fs/promises';

/** The hook as one file without dependencies, as the build made it. */
export const readHookProgram = (): Promise<string> =>
  readFile(new URL('../dist/act-hook.cjs', import.meta.url), 'utf8');
