import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Node,
  type Scalar,
  type YAMLMap,
} from 'yaml';
import { NESTING_MAX } from './limits.ts';
import { PlanError } from './plan.ts';
import { setField, textOf, type Field, type Tree } from './tree.ts';

type LineOf = (node: Node | null, otherwise: number) => number;

/**
 * Reads one YAML 1.2 document (core schema) into a tree with lines. Throws PlanError for bad YAML and for aliases: a
 * plan needs none, and nested aliases make a small file huge.
 */
export function readYaml(text: string): Tree {
  const lines = new LineCounter();
  const document = parseYaml(text, lines);
  const fault = document.errors[0];
  if (fault !== undefined) {
    const message = fault.message.split('\n')[0] ?? fault.code;
    throw new PlanError(`not YAML: ${message}`, lines.linePos(fault.pos[0]).line);
  }
  const lineOf: LineOf = (node, otherwise) =>
    node?.range === undefined || node.range === null ? otherwise : lines.linePos(node.range[0]).line;
  return convert(document.contents, { lineOf, line: 1, depth: 0 });
}

function parseYaml(text: string, lineCounter: LineCounter): ReturnType<typeof parseDocument> {
  try {
    // Repeated names are found in `convert`: the parser's own search takes time quadratic in the fields of a map.
    return parseDocument(text, { lineCounter, uniqueKeys: false, prettyErrors: false, logLevel: 'silent' });
  } catch (error) {
    // The parser recurses and overflows the stack on some thousand open brackets.
    throw new PlanError(`not YAML: ${error instanceof RangeError ? 'nested too deep' : String(error)}`, 1);
  }
}

interface Place {
  lineOf: LineOf;
  /** Line to name where a node has none of its own. */
  line: number;
  depth: number;
}

function convert(node: Node | null, place: Place): Tree {
  const line = place.lineOf(node, place.line);
  if (place.depth > NESTING_MAX) throw new PlanError(`nested deeper than ${NESTING_MAX} levels`, line);
  if (node === null) return { kind: 'null', line };
  if (isAlias(node)) throw new PlanError(`*${node.source} is an alias; plan files have none`, line);
  const inner = { ...place, line, depth: place.depth + 1 };
  if (isSeq<Node>(node)) return { kind: 'list', line, items: node.items.map((item) => convert(item, inner)) };
  if (isMap<Node, Node | null>(node)) return convertMap(node, inner);
  if (isScalar(node)) return convertScalar(node, line);
  throw new PlanError('a value that is neither text, number, list nor map', line);
}

function convertMap(node: YAMLMap<Node, Node | null>, place: Place): Tree {
  const fields = new Map<string, Field>();
  for (const pair of node.items) {
    const name = convert(pair.key, place);
    const text = textOf(name) ?? (name.kind === 'boolean' ? String(name.value) : undefined);
    if (text === undefined) throw new PlanError('the name of a field must be text', name.line);
    setField(fields, text, { line: name.line, value: convert(pair.value, { ...place, line: name.line }) });
  }
  return { kind: 'map', line: place.line, fields };
}

function convertScalar(node: Scalar, line: number): Tree {
  const { value } = node;
  if (typeof value === 'string') return { kind: 'string', line, value };
  if (typeof value === 'number') return { kind: 'number', line, value, source: node.source ?? String(value) };
  if (typeof value === 'boolean') return { kind: 'boolean', line, value };
  if (value === null || value === undefined) return { kind: 'null', line };
  throw new PlanError('a value that is neither text, number, list nor map', line);
}
