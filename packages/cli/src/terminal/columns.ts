import { padEnd, padStart, widthOf } from './width.ts';

/** Rows with aligned columns, two blanks between them; columns named in `right` are aligned to the right. */
export const alignColumns = (
  rows: readonly (readonly string[])[],
  right: ReadonlySet<number> = new Set(),
): string[] => {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? 0, widthOf(cell));
    });
  return rows.map((row) =>
    row
      .map((cell, at) =>
        right.has(at)
          ? padStart(cell, widths[at] ?? 0)
          : at === row.length - 1
            ? cell
            : padEnd(cell, widths[at] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
};
