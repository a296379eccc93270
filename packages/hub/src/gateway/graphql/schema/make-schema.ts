import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CommandName, QueryName } from '@agentmix/act-contract';
import { graphqlCalls, relations } from '@agentmix/act-contract/graphql';
import type { GraphqlCall, Relation } from '@agentmix/act-contract/graphql';
import { buildASTSchema, isObjectType, isUnionType } from 'graphql';
import type { GraphQLField, GraphQLObjectType, GraphQLSchema, GraphQLUnionType } from 'graphql';
import type { Asker } from '../asker.ts';
import { REFUSAL_TYPE, valueOf } from './answer.ts';
import { makeArgumentReader } from './arguments.ts';
import { handDown, leadsToRelations } from './places.ts';
import { readSdl } from './read-sdl.ts';

type Source = Readonly<Record<string, unknown>>;
type Field = GraphQLField<Source, Asker>;
type Given = Readonly<Record<string, unknown>>;

const fieldsOf = (schema: GraphQLSchema, type: string): Readonly<Record<string, Field>> => {
  const found = schema.getType(type);
  if (!isObjectType(found)) throw new Error(`${type} is no type of the schema`);
  return found.getFields();
};

const rowOf = (name: string): GraphqlCall => {
  const row = graphqlCalls.find((call) => call.name === name);
  if (!row) throw new Error(`${name} is no call`);
  return row;
};

/** Asks by a row of the table, and remembers which project the answer is of. */
const ask = async (
  asker: Asker,
  call: GraphqlCall,
  projectId: unknown,
  input: Given,
  commandId?: unknown,
) => {
  const called = await (call.kind === 'command'
    ? asker.command(call.name as CommandName, projectId, input, commandId)
    : asker.query(call.name as QueryName, projectId, input));
  const value = valueOf(call, called);
  if (typeof projectId === 'string') asker.places.set(value, projectId.toLowerCase());
  return value;
};

const bindCall = (call: GraphqlCall, field: Field): void => {
  const read = makeArgumentReader(call, field);
  field.resolve = (_source, args: Given, asker) => {
    const { projectId, input, commandId } = read(args);
    return ask(asker, call, projectId, input, commandId);
  };
};

const placeOf = (asker: Asker, type: string, source: Source): string =>
  type === 'Project' ? String(source['id']) : (asker.places.get(source) ?? '');

const bindAsk = (type: string, relation: Extract<Relation, { kind: 'ask' }>, field: Field): void => {
  const call = rowOf(relation.query);
  const read = makeArgumentReader(call, field);
  field.resolve = (source, args: Given, asker) => {
    const given = Object.entries(relation.given).map(([name, from]) => [name, source[from]]);
    return ask(asker, call, placeOf(asker, type, source), {
      ...read(args).input,
      ...(Object.fromEntries(given) as Given),
    });
  };
};

const bindLookup = (
  type: string,
  { kind, to, by }: Exclude<Relation, { kind: 'ask' }>,
  field: Field,
): void => {
  field.resolve = async (source, _args, asker) => {
    const projectId = placeOf(asker, type, source);
    const ids = [source[by] ?? []].flat();
    const load = async (id: unknown): Promise<object | undefined> => {
      const found = await asker.lookups({ to, projectId, id: String(id) });
      if (found) asker.places.set(found, projectId);
      return found;
    };
    if (kind === 'one') return ids.length === 0 ? undefined : load(ids[0]);
    const found = await Promise.all(ids.map(load));
    return found.filter((one) => one !== undefined);
  };
};

const bindRelations = (schema: GraphQLSchema): void => {
  for (const [type, own] of Object.entries(relations)) {
    const fields = fieldsOf(schema, type);
    for (const [name, relation] of Object.entries(own)) {
      const field = fields[name];
      if (!field) throw new Error(`${type} has no field ${name}`);
      if (relation.kind === 'ask') bindAsk(type, relation, field);
      else bindLookup(type, relation, field);
    }
  }
};

const bindUnion = (union: GraphQLUnionType): void => {
  const [output] = union.getTypes();
  union.resolveType = (value: { readonly [REFUSAL_TYPE]?: string }) => value[REFUSAL_TYPE] ?? output?.name;
};

/** Objects on the way to an entity hand down which project they are of. */
const bindPlaces = (types: readonly GraphQLObjectType[]): void => {
  const leads = leadsToRelations(types, new Set(Object.keys(relations)));
  for (const type of types)
    for (const field of Object.values(type.getFields()) as Field[])
      if (!field.resolve && leads(field.type)) field.resolve = handDown;
};

const bindEvents = (schema: GraphQLSchema): void => {
  const { events } = fieldsOf(schema, 'Subscription');
  if (events)
    events.subscribe = (_source, { projectId, after }: Given, asker) => asker.follow(projectId, after);
};

/** The schema as it was generated, each field that is more than data bound to its call. */
export const makeSchema = async (): Promise<GraphQLSchema> => {
  const schema = buildASTSchema(await readSdl(), { assumeValid: true, assumeValidSDL: true });
  await nextTurn();
  const roots = { ...fieldsOf(schema, 'Query'), ...fieldsOf(schema, 'Mutation') };
  for (const call of graphqlCalls) {
    const field = roots[call.field];
    if (!field) throw new Error(`the schema has no field ${call.field}: run npm run generate`);
    bindCall(call, field);
  }
  const types = Object.values(schema.getTypeMap());
  types
    .filter(isUnionType)
    .filter(({ name }) => !name.startsWith('__'))
    .forEach(bindUnion);
  bindEvents(schema);
  bindRelations(schema);
  bindPlaces(types.filter(isObjectType).filter(({ name }) => !name.startsWith('__')));
  const { done } = fieldsOf(schema, 'Done');
  if (done) done.resolve = () => true;
  return schema;
};
