import { randomUUID } from 'node:crypto';
import { link, open, readFile, rename, stat, unlink } from 'node:fs/promises';
import type { PublicKeys } from '@agentmix/act-contract';
import { makeAgentSecrets } from './keys.ts';
import type { AgentSecrets } from './keys.ts';
import type { Keyring, Peer } from './keyring.ts';

const VERSION = 1;
const KEY_TEXT = /^[A-Za-z0-9_-]{43}$/;

interface KeyFile {
  readonly version: typeof VERSION;
  readonly secrets: AgentSecrets;
  readonly peers: readonly [
    name: string,
    peer: {
      readonly keys: PublicKeys;
      readonly floor: string;
      readonly seen: readonly [sealedId: string, messageId: string][];
    },
  ][];
}

const textOf = (secrets: AgentSecrets, peers: ReadonlyMap<string, Peer>): string => {
  const file: KeyFile = {
    version: VERSION,
    secrets,
    peers: [...peers].map(([name, { keys, seen }]) => [
      name,
      { keys, floor: seen.floor, seen: [...seen.messageIds] },
    ]),
  };
  return `${JSON.stringify(file)}\n`;
};

const parse = (path: string, text: string): KeyFile => {
  const file = JSON.parse(text) as Partial<KeyFile>;
  const { secrets, peers } = file;
  const keys = [secrets?.sealingKey, secrets?.sealingSecret, secrets?.signingKey, secrets?.signingSecret];
  if (file.version !== VERSION || !Array.isArray(peers) || !keys.every((key) => KEY_TEXT.test(key ?? '')))
    throw new Error(`${path} is no key file of version ${VERSION}`);
  // Written by this module, whose version it carries.
  return file as KeyFile;
};

const read = async (path: string): Promise<KeyFile> => {
  const { mode } = await stat(path);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0)
    throw new Error(`${path} can be read by others (mode ${(mode & 0o777).toString(8)}): chmod 600`);
  return parse(path, await readFile(path, 'utf8'));
};

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

/** Writes a new file beside the one that is meant, to the disk, and tells its name. */
const writeBeside = async (path: string, text: string): Promise<string> => {
  const name = `${path}.${randomUUID()}`;
  const file = await open(name, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  return name;
};

/** Replaces the file as a whole: a crash leaves the old one or the new one. */
const replace = async (path: string, text: string): Promise<void> =>
  rename(await writeBeside(path, text), path);

const readOrCreate = async (path: string): Promise<KeyFile> => {
  try {
    return await read(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  const made = await writeBeside(path, textOf(await makeAgentSecrets(), new Map()));
  try {
    await link(made, path);
  } catch (error) {
    // Another process was faster: its keys are the agent’s.
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    await unlink(made);
  }
  return read(path);
};

/**
 * The keyring in a file, made with new keys when there is none; mode 0600. For one process at a time: of two the
 * later one's memory of messages stays. Throws when the file is no key file, or can be read by others.
 */
export const openKeyFile = async (path: string): Promise<Keyring> => {
  const file = await readOrCreate(path);
  const peers = new Map<string, Peer>(
    file.peers.map(([name, { keys, floor, seen }]) => [
      name,
      { keys, seen: { floor, messageIds: new Map(seen) } },
    ]),
  );
  const { secrets } = file;
  let last = Promise.resolve();
  const save = (): Promise<void> => {
    const saved = last.then(() => replace(path, textOf(secrets, peers)));
    // The next save is not to fail because this one did: its caller hears of that.
    last = saved.catch(() => undefined);
    return saved;
  };
  return { secrets, peers, save };
};
