import { readHints, readLines, type Hints, type Line } from './markdown-lines.ts';
import type { PlanStatus } from './plan.ts';

/** A heading (without status) or an item of a check list. `parent` is the place of the block around it in the list. */
export interface Block {
  line: number;
  hints: Hints;
  status?: PlanStatus;
  description: string[];
  parent?: number;
}

interface Reader {
  name?: string;
  blocks: Block[];
  headings: { level: number; block: number }[];
  /** The list items around the current line. `block` is absent for a plain bullet with no check item around it. */
  items: { indent: number; block?: number }[];
  /** The heading just read, until its first item: what follows describes it. */
  described?: number;
}

export function readBlocks(text: string): { name?: string; blocks: Block[] } {
  const reader: Reader = { blocks: [], headings: [], items: [] };
  for (const line of readLines(text)) readInto(reader, line);
  return reader.name === undefined ? { blocks: reader.blocks } : { name: reader.name, blocks: reader.blocks };
}

function readInto(reader: Reader, line: Line): void {
  switch (line.kind) {
    case 'heading':
      addHeading(reader, line);
      return;
    case 'check':
      addCheck(reader, line);
      return;
    case 'bullet':
      closeItems(reader, line.indent);
      describe(reader, line);
      addBullet(reader, line.indent);
      return;
    case 'text':
      describe(reader, line);
      return;
    case 'blank': {
      const block = reader.items.at(-1)?.block ?? reader.described;
      if (block !== undefined) reader.blocks[block]?.description.push('');
    }
  }
}

function addHeading(reader: Reader, line: Extract<Line, { kind: 'heading' }>): void {
  reader.items = [];
  delete reader.described;
  const hints = readHints(line.text);
  if (line.level === 1 && reader.blocks.length === 0 && reader.name === undefined) {
    reader.name = hints.title;
    return;
  }
  while ((reader.headings.at(-1)?.level ?? 0) >= line.level) reader.headings.pop();
  const parent = reader.headings.at(-1)?.block;
  reader.described = reader.blocks.length;
  reader.headings.push({ level: line.level, block: reader.blocks.length });
  reader.blocks.push({
    line: line.line,
    hints,
    description: [],
    ...(parent === undefined ? {} : { parent }),
  });
}

function addCheck(reader: Reader, line: Extract<Line, { kind: 'check' }>): void {
  closeItems(reader, line.indent);
  delete reader.described;
  const parent = reader.items.at(-1)?.block ?? reader.headings.at(-1)?.block;
  reader.items.push({ indent: line.indent, block: reader.blocks.length });
  reader.blocks.push({
    line: line.line,
    hints: readHints(line.text),
    status: line.status,
    description: [],
    ...(parent === undefined ? {} : { parent }),
  });
}

/** A plain bullet is no task; items below it belong to the check item around it, if any. */
function addBullet(reader: Reader, indent: number): void {
  const block = reader.items.at(-1)?.block;
  reader.items.push(block === undefined ? { indent } : { indent, block });
}

function closeItems(reader: Reader, indent: number): void {
  while ((reader.items.at(-1)?.indent ?? -1) >= indent) reader.items.pop();
}

/** Text further in than an item describes it; text that is not ends every list. */
function describe(reader: Reader, line: Extract<Line, { kind: 'bullet' | 'text' }>): void {
  const around = reader.items.findLast((item) => item.indent < line.indent);
  if (around === undefined) reader.items = [];
  const block = around === undefined ? reader.described : around.block;
  if (block === undefined) return;
  const margin = (/^[ \t]*/.exec(line.text)?.[0] ?? '').slice(
    0,
    around === undefined ? 0 : around.indent + 2,
  );
  reader.blocks[block]?.description.push(line.text.slice(margin.length).trimEnd());
}
