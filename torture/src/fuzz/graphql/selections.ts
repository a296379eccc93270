import { PAGE_SIZE } from '@agentmix/act-contract/graphql';
import { graphqlSchema } from '@agentmix/act-testing/graphql';
import fc from 'fast-check';
import { getNamedType, isLeafType, isObjectType, isUnionType } from 'graphql';
import type { GraphQLField, GraphQLNamedType, GraphQLObjectType, GraphQLUnionType } from 'graphql';

const FIELDS_MAX = 5;
const LITERALS = [
  'null',
  '1',
  '-1',
  '500',
  '501',
  '2147483648',
  '1.5',
  '"x"',
  '[]',
  '{ a: 1 }',
  '$none',
  'true',
];
const DIRECTIVES = ['@skip(if: false)', '@include(if: true)', '@skip(if: $none)', '@deprecated', '@defer'];

interface Chosen {
  readonly name: string;
  readonly text: string;
}

/** Mostly nothing. */
const rarely = (texts: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof({ weight: 20, arbitrary: fc.constant('') }, { weight: 1, arbitrary: fc.constantFrom(...texts) });

const argumentsOf = ({ args }: GraphQLField<unknown, unknown>): fc.Arbitrary<string> => {
  const isPage = args.some(({ name }) => name === PAGE_SIZE.argument);
  const size = fc.integer({ min: 1, max: 20 }).map((count) => `(${PAGE_SIZE.argument}: ${count})`);
  const odd = args.flatMap(({ name }) => LITERALS.map((literal) => `(${name}: ${literal})`));
  return fc.oneof(
    { weight: 20, arbitrary: isPage ? size : fc.constant('') },
    { weight: 1, arbitrary: fc.constantFrom('', ...odd) },
  );
};

const known = new Map<string, fc.Arbitrary<string>>();

const ofField = (field: GraphQLField<unknown, unknown>, depth: number): fc.Arbitrary<Chosen> =>
  fc
    .tuple(
      rarely(['a: ', 'id: ', '__proto__: ']),
      argumentsOf(field),
      rarely(DIRECTIVES),
      selectionOf(getNamedType(field.type), depth - 1),
    )
    .map(([alias, given, directive, inner]) => ({
      name: field.name,
      text: `${alias}${field.name}${given} ${directive} ${inner}`,
    }));

const ofObject = (type: GraphQLObjectType, depth: number): fc.Arbitrary<string> => {
  const fields = Object.values(type.getFields()).filter(
    (field) => depth > 0 || isLeafType(getNamedType(field.type)),
  );
  if (fields.length === 0) return fc.constant('{ __typename }');
  return fc
    .uniqueArray(fc.oneof(...fields.map((field) => ofField(field, depth))), {
      selector: ({ name }) => name,
      minLength: 1,
      maxLength: FIELDS_MAX,
    })
    .map((chosen) => `{ ${chosen.map(({ text }) => text).join(' ')} }`);
};

const ofUnion = (type: GraphQLUnionType, depth: number): fc.Arbitrary<string> => {
  const [output] = type.getTypes();
  if (!output) return fc.constant('{ __typename }');
  return ofObject(output, depth).map(
    (inner) => `{ __typename ... on ${output.name} ${inner} ... on Refusal { code title detail data } }`,
  );
};

/** Selections of a type, so many levels deep: nearly all of them valid. */
export const selectionOf = (type: GraphQLNamedType, depth: number): fc.Arbitrary<string> => {
  const key = `${type.name} ${depth}`;
  const made =
    known.get(key) ??
    (isObjectType(type) ? ofObject(type, depth) : isUnionType(type) ? ofUnion(type, depth) : fc.constant(''));
  known.set(key, made);
  return made;
};

/** Names of types and fields that exist, for documents that use them in the wrong places. */
export const schemaNames: readonly string[] = Object.values(graphqlSchema.getTypeMap()).flatMap((type) => [
  type.name,
  ...(isObjectType(type) ? Object.keys(type.getFields()) : []),
]);
