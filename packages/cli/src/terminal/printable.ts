/**
 * Everything that could move the cursor, recolour, reorder or hide text: controls (Cc), format characters (Cf: bidi
 * overrides, zero-width ones), line separators, and surrogates without partner.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\u001b': '\\e' };

const escapeCharacter = (character: string): string =>
  SHORT[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;

/** Text of others as one line that a terminal shows as it is: what could act on the terminal is spelt out. */
export const printable = (text: string): string => text.replaceAll(UNPRINTABLE, escapeCharacter);

/** The same for text of several lines. */
export const printableLines = (text: string): string[] => text.split('\n').map((line) => printable(line));

/** JSON for a program, in which no character acts on a terminal that happens to show it. */
export const printableJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character
      .split('')
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  );
