import { chown, cp, lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { ensureAliases } from './binaries.ts';
import { runCommand } from './run-command.ts';
import { Cleanup, packageDir } from './testing/hubs.mts';

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

/** The package as npm leaves it when installation scripts are not run. */
async function packageWithoutLinks(): Promise<string> {
  const copy = join(await cleanup.directory(), 'package');
  await cp(packageDir(), copy, { recursive: true, verbatimSymlinks: true });
  const lib = join(copy, 'native', 'lib');
  for (const name of await readdir(lib)) {
    if ((await lstat(join(lib, name))).isSymbolicLink()) await rm(join(lib, name));
  }
  return copy;
}

test('creates the library links that the package’s installation did not', async () => {
  const copy = await packageWithoutLinks();
  const initdb = { file: join(copy, 'native/bin/initdb'), args: ['--version'], env: {} };
  expect((await runCommand(initdb, 10_000)).ok).toBe(false);
  expect(await ensureAliases(copy, join(copy, 'data'))).toBeUndefined();
  expect(await runCommand(initdb, 10_000)).toMatchObject({ ok: true, failure: '' });
  expect(await ensureAliases(copy, join(copy, 'data'))).toBeUndefined();
});

test.runIf(process.geteuid?.() === 0)('links beside the data if the package may not be written', async () => {
  const copy = await packageWithoutLinks();
  const dataDir = await cleanup.directory();
  const closed = await cleanup.directory();
  await chown(dataDir, 65_534, 65_534);
  let libraries: string | undefined;
  process.seteuid?.(65_534);
  try {
    libraries = await ensureAliases(copy, dataDir);
    expect(libraries).toBe(`${dataDir}/lib:${copy}/native/lib`);
    await expect(ensureAliases(copy, closed)).rejects.toThrow(
      /neither .*native\/lib nor .*EACCES.*DATABASE_URL/,
    );
  } finally {
    process.seteuid?.(0);
  }
  const env = { LD_LIBRARY_PATH: libraries ?? '', DYLD_LIBRARY_PATH: libraries ?? '' };
  const initdb = { file: join(copy, 'native/bin/initdb'), args: ['--version'], env };
  expect(await runCommand(initdb, 10_000)).toMatchObject({ ok: true, failure: '' });
});
