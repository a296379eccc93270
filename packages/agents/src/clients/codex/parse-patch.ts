import type { Edit, Piece } from '../../happening.ts';

const HEADER = /^\*\*\* (Add|Update|Delete) File: (.+)$/;
const MOVE = /^\*\*\* Move to: (.+)$/;
const END = '*** End Patch';
/** Lines of a hunk: what stays, what goes, what comes. */
const HUNK_LINE = /^[ +-]/;

interface Section {
  readonly verb: string;
  readonly path: string;
  readonly lines: string[];
  moveTo?: string;
}

const sectionsOf = (patch: string): Section[] => {
  const sections: Section[] = [];
  for (const line of patch.replaceAll('\r\n', '\n').split('\n')) {
    const [, verb, path] = HEADER.exec(line) ?? [];
    const section = sections.at(-1);
    if (verb !== undefined && path !== undefined) sections.push({ verb, path: path.trim(), lines: [] });
    else if (line.trim() === END) break;
    else if (section && MOVE.test(line)) section.moveTo = MOVE.exec(line)?.[1]?.trim() ?? section.path;
    else section?.lines.push(line);
  }
  return sections;
};

/** Each hunk as the text that it expects, with its context, and the text that it leaves. */
const piecesOf = (lines: readonly string[]): Piece[] => {
  const hunks: string[][] = [[]];
  for (const line of lines)
    if (line.startsWith('@@')) hunks.push([]);
    else if (HUNK_LINE.test(line)) hunks.at(-1)?.push(line);
    // An empty line of context may come without its blank.
    else if (line === '' && (hunks.at(-1)?.length ?? 0) > 0) hunks.at(-1)?.push(' ');
  const side = (hunk: readonly string[], without: string): string =>
    hunk
      .filter((line) => !line.startsWith(without))
      .map((line) => line.slice(1))
      .join('\n');
  return hunks
    .filter((hunk) => hunk.some((line) => !line.startsWith(' ')))
    .map((hunk) => ({ old: side(hunk, '+'), young: side(hunk, '-') }));
};

const editsOf = ({ verb, path, lines, moveTo }: Section): Edit[] => {
  if (verb === 'Add') {
    const text = lines.filter((line) => line.startsWith('+')).map((line) => `${line.slice(1)}\n`);
    return [{ path, kind: 'created', change: { text: text.join('') } }];
  }
  if (verb === 'Delete') return [{ path, kind: 'deleted', change: 'whole' }];
  if (moveTo !== undefined)
    return [
      { path, kind: 'deleted', change: 'whole' },
      { path: moveTo, kind: 'created', change: 'whole' },
    ];
  const pieces = piecesOf(lines);
  // A hunk without old text is put at the end of the file, or by its `@@` line: where, cannot be told.
  const isPlaced = pieces.every(({ old }) => old !== '');
  return [{ path, kind: 'modified', change: isPlaced ? { pieces } : 'whole' }];
};

/** The edits of a patch in the format of Codex's `apply_patch`; none for a text that is no such patch. */
export const parsePatch = (patch: string): readonly Edit[] => sectionsOf(patch).flatMap(editsOf);
