import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../cli/failure.ts';

/** The data directory of the hub on this machine. */
export const dataDirectory = async (
  given: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> => {
  if (given !== undefined) return given;
  if (env['ACT_DATA_DIR']) return env['ACT_DATA_DIR'];
  const { defaultDataDir } = await import('@agentmix/act-hub/paths');
  return defaultDataDir();
};

const unreadable = (file: string, error: unknown): Failure =>
  new Failure(
    `the key file ${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    {
      code: 'key_unreadable',
      hint: 'run as the user who runs the hub, or set ACT_TOKEN or ACT_TOKEN_FILE',
    },
  );

/** The admin key that a hub left in its data directory; undefined when there is none. */
export const readHubKey = async (dataDir: string): Promise<{ file: string; token: string | undefined }> => {
  const { readToken, TOKEN_FILE } = await import('@agentmix/act-hub/paths');
  const file = join(dataDir, TOKEN_FILE);
  try {
    return { file, token: await readToken(file) };
  } catch (error) {
    throw unreadable(file, error);
  }
};

/** A key in a file of its own. */
export const readKeyFile = async (file: string): Promise<string> => {
  let text: string;
  try {
    text = (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw unreadable(file, error);
  }
  if (/^\S+$/.test(text)) return text;
  throw new Failure(`${file} holds no key`, {
    code: 'key_unreadable',
    hint: 'it must be one word on one line',
  });
};
