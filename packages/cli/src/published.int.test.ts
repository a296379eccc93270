import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');

interface Described {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const described = (folder: string): Described =>
  JSON.parse(readFileSync(join(ROOT, 'packages', folder, 'package.json'), 'utf8')) as Described;

const folders = readdirSync(join(ROOT, 'packages')).filter((folder) =>
  existsSync(join(ROOT, 'packages', folder, 'package.json')),
);
const folderOf = new Map(folders.map((folder) => [described(folder).name, folder]));

/** The command's package and every one of ours that it needs, however far away. */
const reached = (folder: string, seen = new Set<string>()): ReadonlySet<string> => {
  if (seen.has(folder)) return seen;
  seen.add(folder);
  for (const name of Object.keys(described(folder).dependencies ?? {})) {
    const next = folderOf.get(name);
    if (next !== undefined) reached(next, seen);
  }
  return seen;
};

/** What npm would put into the package. */
const packed = (folder: string): string[] => {
  const text = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: join(ROOT, 'packages', folder),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ files } = { files: [] }] = JSON.parse(text) as { files: { path: string }[] }[];
  return files.map(({ path }) => path);
};

describe('what is installed with the act command', () => {
  it.each([...reached('cli')])(
    'holds of packages/%s what runs: no tests, no history, no sources',
    (folder) => {
      const files = packed(folder);
      expect(files).toContain('package.json');
      expect(files.some((path) => path.endsWith('.js'))).toBe(true);
      const strange = files.filter(
        (path) => !/^(dist|generated|migrations|static)\/|^(package\.json|README\.md|LICENSE)$/.test(path),
      );
      expect(strange).toEqual([]);
      expect(files.filter((path) => /\.test\.|(^|\/)(test|\.git)\//.test(path))).toEqual([]);
    },
  );

  it('has no package that only tests need', () => {
    const needed = [...reached('cli')].flatMap((folder) => Object.keys(described(folder).dependencies ?? {}));
    expect(
      needed.filter((name) => /vitest|fast-check|act-testing|act-torture|oidc-provider/.test(name)),
    ).toEqual([]);
  });
});
