import { events } from '../events.ts';
import { refusals } from '../refusals.ts';
import { graphqlCalls } from './calls.ts';
import type { GraphqlCall } from './calls.ts';
import { jsonSchemaOf } from './json-schema.ts';
import { typeName } from './names.ts';
import { relations } from './relations.ts';
import type { Relation } from './relations.ts';
import { described, fieldType } from './type-writer.ts';
import type { TypeWriter } from './type-writer.ts';

/** The argument of a page’s size, which the table calls `limit`: pages lie in pages here, so fewer items are usual. */
export const PAGE_SIZE = { argument: 'first', input: 'limit', items: 50 } as const;
/** The argument that makes a command repeatable. */
export const COMMAND_ID = 'idempotencyKey';

/** Arguments of a call, without those that are known where its field stands. */
const argumentsOf = (call: GraphqlCall, known: readonly string[], types: TypeWriter): string => {
  const { $defs = {}, ...schema } = jsonSchemaOf(call.input, 'input');
  const required = new Set(schema.required);
  const written = Object.entries(schema.properties ?? {})
    .filter(([field]) => !known.includes(field))
    .map(([field, value]) => {
      if (call.cursor !== undefined && field === 'after') return 'after: String';
      if (call.cursor !== undefined && field === PAGE_SIZE.input)
        return `${PAGE_SIZE.argument}: Int = ${PAGE_SIZE.items}`;
      const type = types.typeOf(value, `${typeName(call.name)}${typeName(field)}`, 'input', $defs);
      return `${field}: ${fieldType(type, required.has(field))}`;
    });
  const all = [
    ...(call.isOfProject && !known.includes('projectId') ? ['projectId: ID!'] : []),
    ...written,
    ...(call.kind === 'command' ? [`${COMMAND_ID}: ID`] : []),
  ];
  return all.length === 0 ? '' : `(${all.join(', ')})`;
};

const connectionOf = (item: string, types: TypeWriter): string => {
  types.define(
    `${item}Edge`,
    `type ${item}Edge {\n  node: ${item}!\n  """Resumes behind this one, as \`after\`"""\n  cursor: String!\n}`,
  );
  return types.define(
    `${item}Connection`,
    `type ${item}Connection {\n  edges: [${item}Edge!]!\n  """The edges’ nodes"""\n  nodes: [${item}!]!\n  pageInfo: PageInfo!\n}`,
  );
};

/** What a call answers where it is not refused. */
const outputOf = (call: GraphqlCall, types: TypeWriter): string => {
  const { $defs = {}, ...schema } = jsonSchemaOf(call.output, 'output');
  const items = schema.properties?.['items'];
  if (call.cursor === undefined || !items) {
    return types.typeOf(schema, `${typeName(call.name)}Output`, 'output', $defs);
  }
  const list = types.typeOf(items, `${typeName(call.name)}Item`, 'output', $defs);
  return connectionOf(list.replace(/^\[(\w+)!\]$/, '$1'), types);
};

/**
 * A refusal as a type: whoever asks for `... on TaskAlreadyClaimed` has it by name. It has no field that payloads have
 * with another type: they stand beside each other in one selection.
 */
const refusalType = (code: GraphqlCall['refusals'][number], types: TypeWriter): string => {
  const name = typeName(code);
  const fields = 'code: String!\n  title: String!\n  detail: String\n  data: JSON';
  return types.define(
    name,
    `${described(refusals[code].title)}type ${name} implements Refusal {\n  ${fields}\n}`,
  );
};

const resultOf = (call: GraphqlCall, types: TypeWriter): string => {
  const output = outputOf(call, types);
  if (call.refusals.length === 0) return output;
  const members = [output, ...call.refusals.map((code) => refusalType(code, types))];
  return types.define(
    `${typeName(call.name)}Result`,
    `union ${typeName(call.name)}Result = ${members.join(' | ')}`,
  );
};

/** The entities, before whatever shows a part of them: an enum is called by the place that it is first met in. */
export const entityTypes = (types: TypeWriter): void => {
  // Backwards, so that members come before their keys.
  const pages = graphqlCalls.filter(({ cursor }) => cursor !== undefined).toReversed();
  for (const call of pages) outputOf(call, types);
};

/** A call as a field: nullable, so that what fails beside others takes none of them with it. */
const callField = (call: GraphqlCall, name: string, known: readonly string[], types: TypeWriter): string =>
  `${described(`${call.summary}. Role: ${call.role}`, '  ')}  ${name}${argumentsOf(call, known, types)}: ${resultOf(call, types)}`;

/** The fields of `Query` or `Mutation`. */
export const rootFields = (kind: GraphqlCall['kind'], types: TypeWriter): string[] =>
  graphqlCalls.filter((call) => call.kind === kind).map((call) => callField(call, call.field, [], types));

const relationField = (name: string, relation: Relation, types: TypeWriter): string => {
  if (relation.kind !== 'ask')
    return `  ${name}: ${relation.kind === 'one' ? relation.to : `[${relation.to}!]`}`;
  const call = graphqlCalls.find((one) => one.name === relation.query);
  if (!call) throw new Error(`${relation.query} is no call`);
  return callField(call, name, ['projectId', ...Object.keys(relation.given)], types);
};

/** The fields by which entities lead to others, added to their types. */
export const relationTypes = (types: TypeWriter): string[] =>
  Object.entries(relations).map(([type, fields]) => {
    const written = Object.entries(fields).map(([name, relation]) => relationField(name, relation, types));
    return `extend type ${type} {\n${written.join('\n')}\n}`;
  });

/** What a stream sends: a commit of the project’s log, and where to resume behind it. */
export const frameTypes = (): string => `"""One commit of a project’s log: contiguous events"""
type EventFrame {
  projectId: ID!
  """Resumes behind this frame, as \`after\`"""
  cursor: String!
  firstSeq: SafeInt!
  lastSeq: SafeInt!
  timestamp: DateTime!
  """Of ${Object.keys(events).length} types, whose data /events.schema.json of the contract tells"""
  events: [ActEvent!]!
}`;
