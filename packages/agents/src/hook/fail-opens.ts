import { appendFileSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { homeFolder } from './place.ts';

/** A hook call that let its client go on unchecked. */
export interface FailOpen {
  readonly at: string;
  readonly client: string;
  readonly moment: string;
  readonly reason: string;
}

/** A hub that is down for days must not fill the disk. */
const FILE_BYTES_MAX = 262_144;
const REASON_CHARS_MAX = 300;

const folderOf = (home: string): string => join(homeFolder(home), 'fail-opens');
/** Those that the hub has not been told of yet, and the last ones that it was. */
export const failOpensFile = (home: string, projectId: string): string =>
  join(folderOf(home), `${projectId}.jsonl`);
export const toldFile = (home: string, projectId: string): string =>
  join(folderOf(home), `${projectId}.told.jsonl`);

/** Counts one; what cannot be written is said on stderr, for there is nowhere else. */
export const noteFailOpen = (home: string, projectId: string, failOpen: FailOpen): void => {
  try {
    mkdirSync(folderOf(home), { recursive: true, mode: 0o700 });
    const file = failOpensFile(home, projectId);
    if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > FILE_BYTES_MAX) return;
    const reason = failOpen.reason.slice(0, REASON_CHARS_MAX);
    appendFileSync(file, `${JSON.stringify({ ...failOpen, reason })}\n`, { mode: 0o600 });
  } catch (error) {
    process.stderr.write(`act-hook: a fail-open could not be noted: ${String(error)}\n`);
  }
};

export const readFailOpens = (file: string): readonly FailOpen[] => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  // Several hooks append at once; a line that is cut off counts for nothing.
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as FailOpen];
    } catch {
      return [];
    }
  });
};

/** Takes what has not been told yet: by one of several hooks, whose rename wins. */
export const takeFailOpens = (home: string, projectId: string): readonly FailOpen[] => {
  const told = toldFile(home, projectId);
  const taken = `${told}.${process.pid}`;
  try {
    renameSync(failOpensFile(home, projectId), taken);
  } catch {
    return [];
  }
  const failOpens = readFailOpens(taken);
  try {
    renameSync(taken, told);
  } catch {
    rmSync(taken, { force: true });
  }
  return failOpens;
};
