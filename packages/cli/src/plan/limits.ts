import { PlanError } from './plan.ts';

/** A file longer than this is no plan; the largest plan within the other limits is about a fifth of it. */
export const PLAN_CHARS_MAX = 64 * 1024 * 1024;
export const TASKS_MAX = 10_000;
export const DEPENDENCIES_PER_TASK_MAX = 256;
export const TITLE_CHARS_MAX = 255;
export const DESCRIPTION_CHARS_MAX = 16_384;
export const KEY_CHARS_MAX = 255;
/** Labels, files or capabilities of one task. */
export const LIST_ITEMS_MAX = 256;
export const LIST_ITEM_CHARS_MAX = 1_024;
export const ESTIMATE_MINUTES_MAX = 525_600;
export const NESTING_MAX = 64;

/** Control characters except newline and tab, and surrogates without their partner: PostgreSQL or JSON refuse them. */
const UNWANTED = /(?![\n\t])[\p{Cc}\p{Cs}]/gu;

/** Cuts without splitting a surrogate pair; the result, with its ellipsis, has at most `charsMax` UTF-16 units. */
function cut(text: string, charsMax: number): string {
  const head = text.slice(0, charsMax - 1);
  return `${head.replace(/[\uD800-\uDBFF]$/, '')}…`;
}

function strip(text: string, what: string, notes: string[]): string {
  const lines = text.replaceAll('\r\n', '\n');
  const clean = lines.replaceAll(UNWANTED, '');
  const removed = lines.length - clean.length;
  if (removed > 0) notes.push(`${what}: ${removed} control character${removed === 1 ? '' : 's'} removed`);
  return clean;
}

/** One line of text without surrounding space; longer than `charsMax` is cut with a note. */
export function cleanLine(text: string, what: string, charsMax: number, notes: string[]): string {
  const line = strip(text, what, notes).replaceAll(/\s+/g, ' ').trim();
  if (line.length <= charsMax) return line;
  notes.push(`${what}: cut to ${charsMax} characters`);
  return cut(line, charsMax);
}

/**
 * A title and a description within the limits. The full text of a cut title is put on top of the description. An empty
 * title becomes the key.
 */
export function cleanTexts(
  key: string,
  title: string,
  description: string | undefined,
  notes: string[],
): { title: string; description?: string } {
  const full = strip(title, `${key}: title`, notes).replaceAll(/\s+/g, ' ').trim();
  let body = strip(description ?? '', `${key}: description`, notes).trimEnd();
  let short = full;
  if (full === '') {
    short = key.length <= TITLE_CHARS_MAX ? key : cut(key, TITLE_CHARS_MAX);
    notes.push(`${key}: has no title, its key is used`);
  } else if (full.length > TITLE_CHARS_MAX) {
    short = cut(full, TITLE_CHARS_MAX);
    body = body === '' ? full : `${full}\n\n${body}`;
    notes.push(`${key}: title cut to ${TITLE_CHARS_MAX} characters, its full text is in the description`);
  }
  if (body.length > DESCRIPTION_CHARS_MAX) {
    body = cut(body, DESCRIPTION_CHARS_MAX);
    notes.push(`${key}: description cut to ${DESCRIPTION_CHARS_MAX} characters`);
  }
  return body === '' ? { title: short } : { title: short, description: body };
}

/** A key as it may be stored. Throws PlanError when nothing is left of it or it is too long: cutting could make two alike. */
export function cleanKey(text: string, line: number): string {
  const key = text.replaceAll(UNWANTED, '').replaceAll(/\s+/g, ' ').trim();
  if (key === '') throw new PlanError('a key is empty', line);
  if (key.length > KEY_CHARS_MAX) {
    throw new PlanError(`the key ${key.slice(0, 40)}… is longer than ${KEY_CHARS_MAX} characters`, line);
  }
  return key;
}

/** Labels or paths: clean, not empty, each once, at most LIST_ITEMS_MAX; what is dropped is noted. */
export function cleanList(texts: readonly string[], what: string, notes: string[]): string[] {
  const clean = new Set<string>();
  for (const text of texts) {
    const line = cleanLine(text, what, LIST_ITEM_CHARS_MAX, notes);
    if (line !== '') clean.add(line);
  }
  if (clean.size <= LIST_ITEMS_MAX) return [...clean];
  notes.push(`${what}: only the first ${LIST_ITEMS_MAX} of ${clean.size} are kept`);
  return [...clean].slice(0, LIST_ITEMS_MAX);
}
