import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import type * as Program from './main.ts';
import { codeFolder } from './place.ts';

/** main.ts as the text of a function, and a hash of it: scripts/bundle-hook.mjs puts them here. */
declare const PROGRAM: string;
declare const PROGRAM_HASH: string;

/**
 * Whole on the disk or not there at all: V8 proves that code is of its own version and as long as it should be, not
 * that it is undamaged.
 */
const writeWhole = (file: string, code: Buffer): void => {
  const draft = `${file}.${process.pid}`;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(draft, code, { mode: 0o600, flush: true });
  renameSync(draft, file);
};

const readIfThere = (file: string): Buffer | undefined => {
  try {
    return readFileSync(file);
  } catch {
    // This moment was not served yet, or has to be compiled each time.
    return undefined;
  }
};

const env = process.env;
/** As `os.homedir()` tells it: Node takes a millisecond to load that, at every edit. */
const home = (process.platform !== 'win32' && env['HOME']) || process.getBuiltinModule('node:os').homedir();

/**
 * Runs the program with what V8 compiled of it the last time: to compile what a hook calls takes a quarter of the
 * hook's own time, at every edit (`npm run bench -- hooks`). Each moment calls other functions and keeps its own.
 */
const moment = process.argv
  .slice(2, 4)
  .join('-')
  .replaceAll(/[^\w-]/g, '');
const file = join(codeFolder(home), `${PROGRAM_HASH}-${process.version}-${process.arch}-${moment}`);
const cachedData = readIfThere(file);
const script = new Script(PROGRAM, {
  filename: process.argv[1] ?? '',
  ...(cachedData === undefined ? {} : { cachedData }),
});
const keepCode = (): void => {
  if (script.cachedDataRejected === false) return;
  try {
    writeWhole(file, script.createCachedData());
  } catch {
    // A home that cannot be written to: the next one compiles again.
  }
};
const program: { exports?: typeof Program } = {};
const fill = script.runInThisContext() as (load: NodeJS.Require, module: typeof program) => void;
fill(require, program);
program.exports?.main({ env, home, keepCode });
