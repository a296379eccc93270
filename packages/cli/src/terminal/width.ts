const ZERO_WIDTH = /[\p{Mn}\p{Me}]/u;
/** East Asian wide and fullwidth blocks and emoji (UAX #11, coarsely: a table of every character is not worth it). */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
// eslint-disable-next-line no-control-regex -- our own colours, which take no room
const COLOUR = /\u001b\[[0-9;]*m/g;

const widthOfCharacter = (character: string): number => {
  if (character <= '\u007e') return 1;
  if (ZERO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
};

/** Terminal columns of printable text, colours not counted. */
export const widthOf = (text: string): number => {
  let width = 0;
  for (const character of text.replaceAll(COLOUR, '')) width += widthOfCharacter(character);
  return width;
};

/** Cuts uncoloured text to so many columns, the last of them an ellipsis. */
export const fit = (text: string, columns: number): string => {
  if (columns <= 0) return '';
  if (widthOf(text) <= columns) return text;
  let kept = '';
  let width = 0;
  for (const character of text) {
    width += widthOfCharacter(character);
    if (width > columns - 1) break;
    kept += character;
  }
  return `${kept}…`;
};

export const padEnd = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - widthOf(text)));

export const padStart = (text: string, columns: number): string =>
  ' '.repeat(Math.max(0, columns - widthOf(text))) + text;
