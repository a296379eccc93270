import { NESTING_MAX } from './limits.ts';
import { PlanError } from './plan.ts';
import { setField, type Field, type Tree } from './tree.ts';

interface Cursor {
  readonly text: string;
  at: number;
  line: number;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;

/**
 * Reads JSON (RFC 8259) into a tree with lines; JSON.parse of Node 20 names no place in its errors. Throws PlanError
 * with the line of the fault, for a cut-off text the last line. `firstLine` is the number of the text's first line.
 */
export function readJson(text: string, firstLine = 1): Tree {
  const cursor: Cursor = { text, at: 0, line: firstLine };
  skipSpace(cursor);
  const tree = readValue(cursor, 0);
  skipSpace(cursor);
  if (cursor.at < text.length) throw fault(cursor);
  return tree;
}

function fault(cursor: Cursor): PlanError {
  if (cursor.at >= cursor.text.length)
    return new PlanError('the JSON ends too early: the file is cut off', cursor.line);
  return new PlanError(`not JSON: unexpected ${JSON.stringify(cursor.text.charAt(cursor.at))}`, cursor.line);
}

function skipSpace(cursor: Cursor): void {
  for (; cursor.at < cursor.text.length; cursor.at += 1) {
    const code = cursor.text.charCodeAt(cursor.at);
    if (code === 10) cursor.line += 1;
    else if (code !== 32 && code !== 13 && code !== 9) return;
  }
}

/** Takes the character and the space around it, or says no. */
function take(cursor: Cursor, character: string): boolean {
  skipSpace(cursor);
  if (cursor.text[cursor.at] !== character) return false;
  cursor.at += 1;
  skipSpace(cursor);
  return true;
}

function readValue(cursor: Cursor, depth: number): Tree {
  if (depth > NESTING_MAX) throw new PlanError(`nested deeper than ${NESTING_MAX} levels`, cursor.line);
  const first = cursor.text.charAt(cursor.at);
  if (first === '{') return readMap(cursor, depth);
  if (first === '[') return readList(cursor, depth);
  if (first === '"') return { kind: 'string', line: cursor.line, value: readString(cursor) };
  return readPlain(cursor);
}

function readMap(cursor: Cursor, depth: number): Tree {
  const line = cursor.line;
  const fields = new Map<string, Field>();
  take(cursor, '{');
  if (take(cursor, '}')) return { kind: 'map', line, fields };
  do {
    const nameLine = cursor.line;
    if (cursor.text[cursor.at] !== '"') throw fault(cursor);
    const name = readString(cursor);
    if (!take(cursor, ':')) throw fault(cursor);
    setField(fields, name, { line: nameLine, value: readValue(cursor, depth + 1) });
  } while (take(cursor, ','));
  if (cursor.text[cursor.at] !== '}') throw fault(cursor);
  cursor.at += 1;
  return { kind: 'map', line, fields };
}

function readList(cursor: Cursor, depth: number): Tree {
  const line = cursor.line;
  const items: Tree[] = [];
  take(cursor, '[');
  if (take(cursor, ']')) return { kind: 'list', line, items };
  do {
    items.push(readValue(cursor, depth + 1));
  } while (take(cursor, ','));
  if (cursor.text[cursor.at] !== ']') throw fault(cursor);
  cursor.at += 1;
  return { kind: 'list', line, items };
}

/** Finds the closing quote; JSON.parse judges the escapes between. */
function readString(cursor: Cursor): string {
  const start = cursor.at;
  for (cursor.at += 1; cursor.at < cursor.text.length; cursor.at += 1) {
    const code = cursor.text.charCodeAt(cursor.at);
    if (code < 32) throw fault(cursor);
    if (code === 92) cursor.at += 1;
    if (code !== 34) continue;
    cursor.at += 1;
    try {
      return String(JSON.parse(cursor.text.slice(start, cursor.at)));
    } catch {
      throw new PlanError('not JSON: a string holds an escape that JSON does not have', cursor.line);
    }
  }
  cursor.at = cursor.text.length;
  throw fault(cursor);
}

function readPlain(cursor: Cursor): Tree {
  NUMBER.lastIndex = WORD.lastIndex = cursor.at;
  const line = cursor.line;
  const word = WORD.exec(cursor.text)?.[0];
  const source = word ?? NUMBER.exec(cursor.text)?.[0];
  if (source === undefined) {
    // A literal cut in the middle ends the file too.
    if (/^[a-z-]{0,4}$/.test(cursor.text.slice(cursor.at, cursor.at + 5))) cursor.at = cursor.text.length;
    throw fault(cursor);
  }
  cursor.at += source.length;
  if (word === 'null') return { kind: 'null', line };
  if (word !== undefined) return { kind: 'boolean', line, value: word === 'true' };
  return { kind: 'number', line, value: Number(source), source };
}
