import type { Checkpoint as CheckpointValue } from '@agentmix/act-client';
import { Checkpoint, NOTE_CHARS_MAX } from '@agentmix/act-contract';

/** What a program says to us on a line of its own. */
export type Directive =
  | { readonly kind: 'progress'; readonly percent: number; readonly note?: string }
  | { readonly kind: 'checkpoint'; readonly checkpoint: CheckpointValue }
  | { readonly kind: 'unreadable'; readonly reason: string };

const PREFIX = '::act ';

const readCheckpoint = (text: string): Directive => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'unreadable', reason: 'a checkpoint is one JSON object' };
  }
  const parsed = Checkpoint.safeParse(value);
  return parsed.success
    ? { kind: 'checkpoint', checkpoint: parsed.data }
    : { kind: 'unreadable', reason: 'a checkpoint has note, paths, branch and commit, and nothing else' };
};

/**
 * Reads `::act progress 40 some note` and `::act checkpoint {"note":"half"}`; undefined for a line that is no directive.
 */
export const readDirective = (line: string): Directive | undefined => {
  if (!line.startsWith(PREFIX)) return undefined;
  const text = line.slice(PREFIX.length).trim();
  if (text.startsWith('checkpoint ')) return readCheckpoint(text.slice('checkpoint '.length));
  const match = /^progress\s+(\d{1,3})\s*%?(?:\s+(.*))?$/u.exec(text);
  const percent = Number(match?.[1] ?? Number.NaN);
  if (!match || percent > 100)
    return { kind: 'unreadable', reason: 'write ::act progress PERCENT NOTE or ::act checkpoint JSON' };
  const note = match[2]
    ?.replaceAll(/[\0\p{Cs}]/gu, '')
    .slice(0, NOTE_CHARS_MAX)
    .replace(/[\uD800-\uDBFF]$/, '');
  return { kind: 'progress', percent, ...(note === undefined || note === '' ? {} : { note }) };
};
