import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const MASTER_KEY_BYTES = 32;
const PASSWORD_BYTES = 24;

type MakeKey = (keyId: string, environment: 'live') => { readonly text: string };

/** Of letters and digits alone: it stands in a URL and in SQL as it is. */
const makePassword = (): string => randomBytes(PASSWORD_BYTES).toString('hex');

/**
 * Writes what is missing of a hub's secrets into the folder, which only its owner enters (mode 0700). Returns the
 * names of the files that were made; none is ever replaced.
 */
export const writeSecrets = async (folder: string, database: string, makeKey: MakeKey): Promise<string[]> => {
  const made: string[] = [];
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o700);
  const keepOrMake = async (name: string, make: () => string): Promise<string> => {
    const file = join(folder, name);
    try {
      // Every user may read the file, because a container's user is seldom the one who made it.
      await writeFile(file, `${make()}\n`, { flag: 'wx', mode: 0o644 });
      made.push(name);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    return (await readFile(file, 'utf8')).trim();
  };
  const urlOf = (user: string, password: string): string => `postgres://${user}:${password}@${database}/act`;
  await keepOrMake('owner-key', () => makeKey(randomUUID(), 'live').text);
  await keepOrMake('master-key', () => randomBytes(MASTER_KEY_BYTES).toString('base64'));
  const superuser = await keepOrMake('postgres-password', makePassword);
  const hub = await keepOrMake('act-app-password', makePassword);
  await keepOrMake('migrate-url', () => urlOf('postgres', superuser));
  await keepOrMake('database-url', () => urlOf('act_app', hub));
  return made;
};
