import { graphqlCalls } from '@agentmix/act-contract/graphql';
import type { GraphqlCall } from '@agentmix/act-contract/graphql';
import { documentOf, documentWith, fieldOf } from '@agentmix/act-testing/graphql';
import fc from 'fast-check';
import { getNamedType } from 'graphql';
import { uuidv7 } from 'uuidv7';
import { graphqlVariables } from '../../wire/graphql.ts';
import { hostileText, hostileValue } from '../hostile.ts';
import { withoutWaiting } from '../rest-fuzz.ts';
import { anyInput } from '../values.ts';
import type { Ids } from '../values.ts';
import { bombs } from './bombs.ts';
import { schemaNames, selectionOf } from './selections.ts';

const DEPTH_MAX = 5;
const PIECE_CHARS_MAX = 40;
const PIECES = [
  '{',
  '}',
  '(',
  ')',
  '$',
  '...',
  '"',
  '"""',
  ':',
  '!',
  '@',
  '[',
  '|',
  '&',
  '#',
  '\0',
  '\ud800',
];

type Fields = Readonly<Record<string, unknown>>;

/** One operation as a request or a message carries it. */
export interface Sent {
  readonly query: unknown;
  readonly variables: unknown;
  readonly operationName?: unknown;
  readonly extensions?: unknown;
}

const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A project that exists, mostly; ids that were found meanwhile are used. */
const projectOf = (ids: Ids): fc.Arbitrary<unknown> =>
  fc.oneof(
    {
      weight: 12,
      arbitrary: fc.nat().map((at) => ids.get('projectId')?.[at % (ids.get('projectId')?.length ?? 1)]),
    },
    { weight: 1, arbitrary: hostileValue },
  );

const variablesOf = (call: GraphqlCall, ids: Ids): fc.Arbitrary<unknown> =>
  fc
    .record({ input: anyInput(call.input, ids), projectId: projectOf(ids), isRepeatable: fc.boolean() })
    .map(({ input: given, projectId, isRepeatable }) => {
      const input = withoutWaiting(given);
      if (!isRecord(input)) return input;
      return {
        ...graphqlVariables(call, input),
        ...(call.isOfProject ? { projectId } : {}),
        ...(isRepeatable && call.kind === 'command' ? { idempotencyKey: uuidv7() } : {}),
      };
    });

/** A text with a piece cut out, doubled or put in somewhere. */
const edited = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(
      text,
      fc.nat(),
      fc.nat(PIECE_CHARS_MAX),
      fc.oneof(fc.constantFrom(...PIECES, ...schemaNames), hostileText),
      fc.constantFrom('cut', 'double', 'add', 'replace'),
    )
    .map(([whole, place, length, piece, kind]) => {
      const at = place % (whole.length + 1);
      const [before, part, after] = [
        whole.slice(0, at),
        whole.slice(at, at + length),
        whole.slice(at + length),
      ];
      const between = { cut: '', double: part + part, add: piece + part, replace: piece }[kind];
      return `${before}${between}${after}`;
    });

const callOf = (call: GraphqlCall, ids: Ids): fc.Arbitrary<Sent> => {
  const whole = fc.constant(documentOf(call));
  const drawn = selectionOf(getNamedType(fieldOf(call).type), DEPTH_MAX).map((selection) =>
    documentWith(call, selection),
  );
  const query = fc.oneof(
    { weight: 4, arbitrary: whole },
    { weight: 6, arbitrary: drawn },
    { weight: 2, arbitrary: edited(drawn) },
  );
  return fc.record({ query, variables: variablesOf(call, ids) });
};

/** Whole documents that nobody means well with, with variables that they do not have. */
const bomb: fc.Arbitrary<Sent> = fc.record({
  query: fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...bombs) },
    { weight: 1, arbitrary: hostileText },
  ),
  variables: fc.oneof({ weight: 8, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: hostileValue }),
});

/** What is no operation, though it has the form of one. */
const strange: fc.Arbitrary<Sent> = fc.record({
  query: fc.oneof(fc.constant('{ __typename }'), fc.constant(undefined), hostileValue),
  variables: fc.oneof(fc.constant(undefined), hostileValue),
  operationName: fc.oneof(fc.constant(undefined), hostileValue),
  extensions: fc.oneof(
    fc.constant(undefined),
    hostileValue,
    fc.record({
      persistedQuery: fc.oneof(hostileValue, fc.record({ version: hostileValue, sha256Hash: hostileValue })),
    }),
  ),
});

const EVENTS =
  'subscription ($project: ID!, $after: String) { events(projectId: $project, after: $after) { cursor events { seq type data } } }';

/** Asks to follow, from anywhere. */
export const followOf = (ids: Ids): fc.Arbitrary<Sent> =>
  fc
    .record({
      project: projectOf(ids),
      after: fc.oneof(fc.constantFrom('0', '1', '99999999', undefined), hostileValue),
      query: fc.oneof(
        { weight: 9, arbitrary: fc.constant(EVENTS) },
        { weight: 1, arbitrary: edited(fc.constant(EVENTS)) },
      ),
    })
    .map(({ project, after, query }) => ({ query, variables: { project, after } }));

type Named = { readonly name: string; readonly sent: fc.Arbitrary<Sent> };
const times = (count: number, one: Named): Named[] => Array.from({ length: count }, () => one);

/** Operations by the call that they make, from valid to hopeless; the hostile ones have no call. */
export const operationsOf = (ids: Ids): readonly Named[] => [
  ...graphqlCalls.map((call) => ({ name: call.name, sent: callOf(call, ids) })),
  ...times(8, { name: 'hostile', sent: bomb }),
];

/** What a connection is closed for, and a request only refused. */
export const malformed: readonly Named[] = times(4, { name: 'strange', sent: strange });
