/**
 * Characters that act on a terminal or show nothing: controls, format characters (bidi, zero-width, tags), lone
 * surrogates, private and unassigned ones (C), line separators, whatever Unicode lets a font ignore (both blocks of
 * variation selectors, fillers, joiners) and the blank Braille pattern. The one selector after an emoji, as in ⚠️, is left:
 * it says how the emoji looks, once. Spaces of other widths are left too: they show as space. Made when needed: such a
 * class takes a millisecond, which a hook has at every edit, and most have no text to show.
 */
const hidden = (): RegExp =>
  /(?!(?<=(?!\p{C})\p{Extended_Pictographic})[\ufe0e\ufe0f])[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

const escapeCharacter = (character: string): string => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;

/**
 * A text as one line in which every character shows: those that hide or act are written as `\u{202e}`, line breaks and
 * tabs too. A text that holds `\u{` itself gets its backslash written as `\u{5c}`, so that `unescapeHidden` gives every text
 * back and nobody can forge an escape.
 */
export const escapeHidden = (text: string): string =>
  text.replaceAll(/\\(?=u\{)/g, escapeCharacter).replaceAll(hidden(), escapeCharacter);

/** The lines of a text, each as by `escapeHidden`, but tabs, which show as what they are, left alone. */
export const escapeHiddenLines = (text: string): string[] =>
  text.split('\n').map((line) => line.split('\t').map(escapeHidden).join('\t'));

/** The text that `escapeHidden` was given. */
export const unescapeHidden = (text: string): string =>
  text.replaceAll(/\\u\{([0-9a-f]{1,6})\}/g, (_, hex: string) =>
    String.fromCodePoint(Number.parseInt(hex, 16)),
  );

const escapeUnit = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** JSON of a value in one line in which every character shows; readers of JSON see no difference. */
export const escapeHiddenJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll(hidden(), (character) => character.split('').map(escapeUnit).join(''));
