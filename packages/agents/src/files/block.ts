/** A part of a text file that is ours, between two lines that say so. */
export interface Block {
  readonly first: string;
  readonly last: string;
}

const withEnd = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

/** Takes the block out, with the blank line that was put before it. */
export const withoutBlock = (text: string, { first, last }: Block): string => {
  const start = text.indexOf(first);
  const end = start < 0 ? -1 : text.indexOf(last, start);
  if (start < 0 || end < 0) return text;
  const after = text.slice(end + last.length).replace(/^\n/, '');
  return text.slice(0, start).replace(/\n\n$/, '\n') + after;
};

/** The text with the block at its end, in the place of an earlier one. */
export const withBlock = (text: string | undefined, block: Block, lines: readonly string[]): string => {
  const rest = withEnd(withoutBlock(text ?? '', block));
  return `${rest}${rest === '' ? '' : '\n'}${[block.first, ...lines, block.last].join('\n')}\n`;
};
