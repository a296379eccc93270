import type { PlanStatus } from './plan.ts';

/** What a line of a Markdown file means to a plan. `indent` counts columns, tabs reaching to the next multiple of 4. */
export type Line =
  | { kind: 'heading'; line: number; level: number; text: string }
  | { kind: 'check'; line: number; indent: number; status: PlanStatus; text: string }
  | { kind: 'bullet' | 'text'; line: number; indent: number; text: string }
  | { kind: 'blank'; line: number };

const CHECK = /^(?:[-*+]|\d{1,9}[.)])[ \t]+\[([ xX/~-])\](?:[ \t]+(.*))?$/s;
const BULLET = /^(?:[-*+]|\d{1,9}[.)])[ \t]+\S/;
const HEADING = /^(#{1,6})[ \t]/;
const FENCE = /^(`{3,}|~{3,})/;

/** `[/]` is begun, `[-]` and `[~]` are dropped, as GitLab and Obsidian have it. */
function statusOf(mark: string): PlanStatus {
  if (mark === 'x' || mark === 'X') return 'completed';
  return mark === '-' || mark === '~' ? 'cancelled' : 'open';
}

function indentOf(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (character === '\t') columns += 4 - (columns % 4);
    else if (character === ' ') columns += 1;
    else break;
  }
  return columns;
}

/** Splits a file into lines with a meaning; front matter, comments and what is inside code fences is text. */
export function readLines(text: string): Line[] {
  const lines = text.split(/\r\n|\n|\r/);
  const result: Line[] = [];
  let until: ((trimmed: string) => boolean) | undefined;
  lines.forEach((raw, index) => {
    const trimmed = raw.trim();
    const line = index + 1;
    if (until !== undefined) {
      if (until(trimmed)) until = undefined;
      result.push({ kind: 'text', line, indent: indentOf(raw), text: raw });
      return;
    }
    until = opened(trimmed, index);
    result.push(
      until === undefined
        ? readLine(raw, trimmed, line)
        : { kind: 'text', line, indent: indentOf(raw), text: raw },
    );
  });
  return result;
}

/** How the block that this line opens will end, or undefined when it opens none. */
function opened(trimmed: string, index: number): ((line: string) => boolean) | undefined {
  const fence = FENCE.exec(trimmed)?.[1];
  if (fence !== undefined)
    return (line) => line.startsWith(fence) && line.replaceAll(fence.charAt(0), '') === '';
  if (index === 0 && trimmed === '---') return (line) => line === '---';
  if (trimmed.startsWith('<!--') && !trimmed.includes('-->')) return (line) => line.includes('-->');
  return undefined;
}

function readLine(raw: string, trimmed: string, line: number): Line {
  if (trimmed === '') return { kind: 'blank', line };
  const indent = indentOf(raw);
  const check = CHECK.exec(trimmed);
  if (check !== null)
    return { kind: 'check', line, indent, status: statusOf(check[1] ?? ' '), text: check[2] ?? '' };
  const heading = indent < 4 ? HEADING.exec(trimmed) : null;
  if (heading !== null) {
    const level = heading[1]?.length ?? 1;
    return {
      kind: 'heading',
      line,
      level,
      text: trimmed
        .slice(level)
        .trim()
        .replace(/(?:^|[ \t])#+$/, ''),
    };
  }
  return { kind: BULLET.test(trimmed) ? 'bullet' : 'text', line, indent, text: raw };
}

/** What the end of a title says about the item, in any order: `[key: x]`, `(after: a, b)`, `(P1)`, `(~30m)`. */
export interface Hints {
  title: string;
  key?: string;
  after: string[];
  priority?: number;
  estimate?: string;
}

export function readHints(text: string): Hints {
  const hints: Hints = { title: text.replaceAll(/\s+/g, ' ').trim(), after: [] };
  for (;;) {
    const key = / ?\[key: ?([^[\]]+)\]$/i.exec(hints.title);
    const after = / ?\(after: ?([^()]+)\)$/i.exec(hints.title);
    const priority = / ?\(P([0-4])\)$/i.exec(hints.title);
    const estimate = / ?\(~ ?((?:\d{1,4}h)?(?:\d{1,6}m)?)\)$/i.exec(hints.title);
    const found = key ?? after ?? priority ?? estimate;
    if (found === null || found[1] === undefined || found[1].trim() === '') return hints;
    hints.title = hints.title.slice(0, found.index);
    if (key !== null) hints.key = found[1].trim();
    else if (after !== null)
      hints.after = [...found[1].split(',').map((part) => part.trim()), ...hints.after];
    else if (priority !== null) hints.priority = Number(found[1]);
    else hints.estimate = found[1].toLowerCase();
  }
}
