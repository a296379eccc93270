import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { SignedHead } from '@agentmix/act-contract';
import type { HeadKeeper, KeptHead } from '@agentmix/act-client';
import { Failure } from '../cli/failure.ts';
import type { Surroundings } from '../cli/surroundings.ts';

const Kept = SignedHead.pick({ head: true, key: true });

/** Heads of all projects in one file of the user’s, not of the hub’s. */
export const headFile = (env: Surroundings['env']): string =>
  join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'act', 'audit-heads.json');

const readAll = async (file: string): Promise<Record<string, KeptHead>> => {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
  try {
    const all = JSON.parse(text) as Record<string, unknown>;
    return Object.fromEntries(Object.entries(all).map(([id, kept]) => [id, Kept.parse(kept)]));
  } catch {
    throw new Failure(`${file} cannot be read: it holds no kept heads`, {
      code: 'heads_unreadable',
      hint: 'restore it from a backup; without it, nothing shows what the log was before',
    });
  }
};

/** Keeps heads in a file, which is replaced whole. Of two commands at once the later one’s project wins. */
export const makeHeadFile = (file: string): HeadKeeper => ({
  read: async (projectId) => (await readAll(file))[projectId],
  async write(projectId, kept) {
    const all = { ...(await readAll(file)), [projectId]: kept };
    const draft = `${file}.${process.pid}`;
    try {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      await writeFile(draft, `${JSON.stringify(all, undefined, 2)}\n`, { mode: 0o600 });
      await rename(draft, file);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
  },
});
