import { createScanner, findNodeAtLocation, parseTree } from 'jsonc-parser';
import type { JSONPath, Node, ParseError } from 'jsonc-parser';

/** A value to put at the end of the list that `at` leads to or, with a key, of the object. */
export interface Item {
  readonly at: readonly string[];
  readonly key?: string;
  readonly value: unknown;
}

/** The tree of a JSON object that may have comments and trailing commas; undefined for anything else. */
export const treeOf = (text: string): Node | undefined => {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  return errors.length === 0 && root?.type === 'object' ? root : undefined;
};

const endOf = ({ offset, length }: Node): number => offset + length;

/** Where the comma stands that comes next after a value, comments and blanks passed over. */
const commaAfter = (text: string, node: Node): number | undefined => {
  const scanner = createScanner(text, true);
  scanner.setPosition(endOf(node));
  scanner.scan();
  return text[scanner.getTokenOffset()] === ',' ? scanner.getTokenOffset() : undefined;
};

/** Blanks of JSON alone: others may be the end of a comment. */
const withoutBlanks = (text: string): string => text.replace(/[ \t\r\n]+$/, '');
const hasLineEnd = (text: string): boolean => /[\r\n]/.test(text);

/** The blanks that the line of this place begins with. */
const indentAt = (text: string, offset: number): string =>
  /(?:^|[\r\n])([ \t]*)[^\r\n]*$/.exec(text.slice(0, offset))?.[1] ?? '';

const unitOf = (text: string): string => /^\s*\{[ \t]*\r?\n([ \t]+)/.exec(text)?.[1] ?? '  ';

/** At the end, after every comment; in the lines, the indentation and with the last comma as the others have them. */
const append = (text: string, container: Node, key: string | undefined, value: unknown): string => {
  const [wanted, name] = key === undefined ? ['array', 'a list'] : ['object', 'an object'];
  if (container.type !== wanted) throw new Error(`${name} was expected at character ${container.offset}`);
  const last = container.children?.at(-1);
  const close = endOf(container) - 1;
  const head = withoutBlanks(text.slice(0, close));
  const hasComma = last !== undefined && commaAfter(text, last) !== undefined;
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  const indent = last ? indentAt(text, last.offset) : `${indentAt(text, container.offset)}${unitOf(text)}`;
  const isOnLines = hasLineEnd(text.slice(head.length, close));
  const written = isOnLines
    ? JSON.stringify(value, null, unitOf(text)).replaceAll('\n', `${lineEnd}${indent}`)
    : JSON.stringify(value);
  const label = key === undefined ? '' : `${JSON.stringify(key)}: `;
  const item = `${isOnLines ? `${lineEnd}${indent}` : ' '}${label}${written}${hasComma ? ',' : ''}`;
  const from = last && !hasComma ? endOf(last) : head.length;
  const comma = last && !hasComma ? ',' : '';
  return `${text.slice(0, from)}${comma}${head.slice(from)}${item}${text.slice(head.length)}`;
};

/**
 * Adds an item and what is missing on the way to it, and changes no other byte. Throws where the way leads through what
 * is neither an object nor the list that is meant.
 */
export const withItem = (text: string, { at, key, value }: Item): string => {
  const root = treeOf(text);
  if (!root) throw new Error('no JSON object');
  const known = at.findIndex((_, depth) => !findNodeAtLocation(root, at.slice(0, depth + 1)));
  const depth = known < 0 ? at.length : known;
  const container = findNodeAtLocation(root, at.slice(0, depth)) ?? root;
  const missing = at[depth];
  if (missing === undefined) return append(text, container, key, value);
  const innermost: unknown = key === undefined ? [value] : { [key]: value };
  const made = at.slice(depth + 1).reduceRight((inside, name) => ({ [name]: inside }), innermost);
  return append(text, container, missing, made);
};

/** A member with its comma: the one after it or, of the last one, the one before. */
const cut = (text: string, container: Node, member: Node): string => {
  const members = container.children ?? [];
  const before = members[members.indexOf(member) - 1];
  const comma = commaAfter(text, member);
  const after =
    comma === undefined
      ? text.slice(endOf(member))
      : `${text.slice(endOf(member), comma)}${text.slice(comma + 1)}`;
  const untilIt = text.slice(0, member.offset);
  const trimmed = withoutBlanks(untilIt);
  // What follows on its line must not move up behind a line comment.
  const isAlone = !hasLineEnd(untilIt.slice(trimmed.length)) || /^[ \t]*(?:[\r\n]|$)/.test(after);
  const head = isAlone ? trimmed : untilIt;
  const orphan = comma === undefined && before ? commaAfter(text, before) : undefined;
  return orphan === undefined
    ? `${head}${after}`
    : `${head.slice(0, orphan)}${head.slice(orphan + 1)}${after}`;
};

/** Takes a member out, and what has nothing in it after that, not even a comment; no other byte. */
export const withoutItem = (text: string, path: JSONPath): string => {
  const root = treeOf(text);
  const value = root && findNodeAtLocation(root, path);
  const member = value?.parent?.type === 'property' ? value.parent : value;
  if (!member?.parent) return text;
  const rest = cut(text, member.parent, member);
  const above = path.slice(0, -1);
  const tree = treeOf(rest);
  const container = tree && above.length > 0 ? findNodeAtLocation(tree, above) : undefined;
  return container && /^[[{]\s*[\]}]$/.test(rest.slice(container.offset, endOf(container)))
    ? withoutItem(rest, above)
    : rest;
};
