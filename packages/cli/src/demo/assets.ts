import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Failure } from '../cli/failure.ts';

/** In the published package beside dist, in the repository at its root; src and dist lie equally deep. */
const FOLDERS = ['../../examples/', '../../../../examples/'];

/** A file that ships with the demo. */
export const demoFile = (name: string): string => {
  for (const folder of FOLDERS) {
    const file = fileURLToPath(new URL(folder + name, import.meta.url));
    if (existsSync(file)) return file;
  }
  throw new Failure(`${name} of the demo is missing`, { code: 'incomplete', hint: 'install act again' });
};
