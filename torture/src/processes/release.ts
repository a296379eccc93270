import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyTree, repositoryRoot } from './copy-tree.ts';
import { PROGRAM } from './hub.ts';

const MIGRATIONS = join('packages', 'postgres', 'migrations');

/** The bundled hub in a tree of its own: what it reads beside itself is linked, except the migrations. */
const copyBundle = (target: string): string => {
  const root = repositoryRoot();
  const bundle = dirname(join('torture', 'dist', 'processes', PROGRAM));
  cpSync(join(root, bundle), join(target, bundle), { recursive: true });
  const postgres = dirname(MIGRATIONS);
  mkdirSync(join(target, postgres), { recursive: true });
  cpSync(join(root, MIGRATIONS), join(target, MIGRATIONS), { recursive: true });
  const linkAll = (folder: string, but: string): void => {
    for (const name of readdirSync(join(root, folder)))
      if (name !== but) symlinkSync(join(root, folder, name), join(target, folder, name));
  };
  linkAll('packages', 'postgres');
  linkAll(postgres, 'migrations');
  symlinkSync(join(root, 'node_modules'), join(target, 'node_modules'));
  return join(target, 'torture', 'dist', 'processes', PROGRAM);
};

/**
 * A release of the hub with more migrations than this tree has, each as its file's name and its text. Returns the
 * program to start, as HubProcess takes it.
 */
export const makeRelease = async (
  target: string,
  migrations: ReadonlyMap<string, string>,
): Promise<string> => {
  const isSource = fileURLToPath(import.meta.url).endsWith('.ts');
  if (isSource) await copyTree(target);
  const program = isSource ? join(target, 'torture', 'src', 'processes', PROGRAM) : copyBundle(target);
  for (const [name, text] of migrations) writeFileSync(join(target, MIGRATIONS, name), text);
  return program;
};
