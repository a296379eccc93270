import { isFields } from '../payload.ts';

const indentOf = (text: string): string | number => /^\{\r?\n([ \t]+)/.exec(text)?.[1] ?? 2;

/**
 * Changes a JSON object in a file, in the file's own indentation. Throws for what is no JSON object, comments
 * included: a file that we cannot read we do not rewrite.
 */
export const editJson = (
  path: string,
  before: string | undefined,
  change: (content: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>,
): string => {
  const text = before === undefined || before.trim() === '' ? '{}' : before;
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    content = undefined;
  }
  if (!isFields(content)) throw new Error(`${path} is no plain JSON object: correct it, then run this again`);
  return `${JSON.stringify(change(content), null, indentOf(text))}\n`;
};
