import { getIntrospectionQuery } from 'graphql';

const COUNTS = [2, 7, 11, 16, 60, 200, 333, 900, 5_000];

const many = (count: number, part: (at: number) => string): string =>
  Array.from({ length: count }, (_none, at) => part(at)).join(' ');
const nested = (count: number, open: string, close: string, inner = ''): string =>
  open.repeat(count) + inner + close.repeat(count);

const PROJECT = '(projectId: "01900000-0000-7000-8000-000000000001")';
const TASKS = 'projectList { nodes { tasks { nodes';

/** Documents that grow by a number: each would cost somebody who does not count far more than its bytes. */
const GROWING: readonly ((count: number) => string)[] = [
  // Deep.
  (n) => nested(n, '{ a ', '}'),
  (n) => nested(n, '{ ... ', '}', '{ __typename }'),
  (n) => nested(n, '{ ... on Query ', '}', '{ __typename }'),
  (n) => `{ ${TASKS} ${nested(n, '{ phase { tasks { nodes ', '} } }', '{ id }')} } } }`,
  (n) => `{ a(b: ${nested(n, '[', ']')}) }`,
  (n) => `{ a(b: ${nested(n, '{ a: ', '}', '1')}) }`,
  (n) => `query ($a: ${nested(n, '[', ']', 'Int')}) { __typename }`,
  (n) => `query ($a: JSON = ${nested(n, '{ a: ', '}', '1')}) { stateGet${PROJECT} { __typename } }`,
  // Wide.
  (n) => `{ ${many(n, () => '__typename')} }`,
  (n) => `{ ${many(n, (at) => `a${at}: __typename`)} }`,
  (n) => `{ ${many(n, (at) => `a${at}: projectList { nodes { id } }`)} }`,
  (n) => `{ ${many(n, () => 'projectList { nodes { id } }')} }`,
  (n) =>
    `{ projectList { nodes { ${many(n, () => 'tasks(first: 500) { nodes { history(first: 500) { nodes { id } } } }')} } } }`,
  (n) => `{ ${many(n, () => '...')} }`,
  (n) => `mutation { ${many(n, (at) => `a${at}: projectCreate(name: "bomb") { __typename }`)} }`,
  (n) => `subscription { ${many(n, (at) => `a${at}: events${PROJECT} { cursor }`)} }`,
  (n) => many(n, () => '{ __typename }'),
  (n) => many(n, (at) => `query q${at} { __typename }`),
  (n) => `query (${many(n, (at) => `$v${at}: Int`)}) { __typename }`,
  (n) => `query (${many(n, () => '$v: Int = 1')}) { __typename }`,
  (n) => `{ taskList(${many(n, () => 'first: 1')}) { __typename } }`,
  (n) => `{ a(b: { ${many(n, (at) => `k${at}: 1`)} }) }`,
  (n) => `{ a(b: [${many(n, () => '{}')}]) }`,
  // Directives.
  (n) => `{ __typename ${many(n, () => '@skip(if: false)')} }`,
  (n) => `{ __typename ${many(n, (at) => `@d${at}`)} }`,
  (n) => `query ${many(n, () => '@a')} { __typename }`,
  // Fragments: in a circle, doubling, of one field in all spellings, spread everywhere, never used.
  (n) => `{ ...f0 } ${many(n, (at) => `fragment f${at} on Query { ...f${(at + 1) % n} }`)}`,
  (n) => `{ ...f } fragment f on Query { ${many(n, () => '...f')} }`,
  (n) =>
    `{ ...f0 } ${many(n, (at) => `fragment f${at} on Query { ...f${at + 1} ...f${at + 1} }`)} fragment f${n} on Query { __typename }`,
  (n) =>
    `{ ${many(n, (at) => `...f${at}`)} } ${many(n, (at) => `fragment f${at} on Query { x: projectList { nodes { id } } }`)}`,
  (n) =>
    `{ ${many(n, (at) => `...f${at}`)} } ${many(n, (at) => `fragment f${at} on Query { ${many(5, (other) => `...f${(at + other) % n}`)} x: __typename }`)}`,
  (n) => `{ ${many(n, () => '...f')} } fragment f on Query { __typename }`,
  (n) => many(n, (at) => `fragment f${at} on Query { __typename }`),
  (n) => many(n, () => 'fragment f on Query { __typename }'),
  (n) => `{ projectList { nodes { ${many(n, (at) => `... on Task { a: f${at} }`)} } } }`,
  (n) => `{ ${many(n, (at) => `x: ${at % 2 ? 'projectList' : 'taskList'} { nodes { ... { id } } }`)} }`,
  // The schema about itself.
  (n) => `{ ${many(n, () => '__schema { types { name } }')} }`,
  (n) => `{ ${many(n, (at) => `a${at}: __type(name: "Task") { fields { name } }`)} }`,
  (n) => `{ __schema { types { fields { type ${nested(n, '{ ofType ', '}', '{ name }')} } } } }`,
  (n) => `{ __schema { types ${nested(n, '{ fields { type ', '} }', '{ name }')} } }`,
  (n) => `{ __schema { types ${nested(n, '{ interfaces ', '}', '{ name }')} } }`,
  // Text.
  (n) => `{ __typename ${'#'.repeat(n)}`,
  (n) => `${','.repeat(n * 7)}{ __typename }`,
  (n) => `\uFEFF`.repeat(n) + '{ __typename }',
  (n) => `{ ${'a'.repeat(n * 7)} }`,
  (n) => `{ a(b: ${'9'.repeat(n)}) }`,
  (n) => `{ a(b: 1e${'9'.repeat(n)}) }`,
  (n) => `{ a(b: "${'\\u{10FFFF}'.repeat(n)}") }`,
  (n) => `{ a(b: """${'\n '.repeat(n)}""") }`,
  (n) => `{ a(b: ${'"""'.repeat(n)}) }`,
  (n) => '"'.repeat(n),
  (n) => '{'.repeat(n),
  (n) => '...'.repeat(n),
  (n) => many(n, (at) => `type T${at} { a: T${at + 1} }`),
];

const SINGLE: readonly string[] = [
  getIntrospectionQuery(),
  getIntrospectionQuery({ descriptions: false }),
  '',
  ' ',
  '\0',
  '{}',
  '{ }',
  'query',
  'query {',
  '{ __proto__ }',
  '{ constructor { prototype } }',
  '{ toString valueOf hasOwnProperty }',
  '{ __typename: __typename }',
  '{ __proto__: __typename constructor: __typename }',
  'query __proto__ { __typename }',
  'query ($__proto__: Int) { __typename }',
  'fragment __proto__ on Query { __typename } { ...__proto__ }',
  'fragment on on Query { __typename }',
  '{ a(b: "\\uD800") }',
  '{ a(b: "\\u{110000}") }',
  '{ a(b: "\ud800") }',
  '{ a(b: "\n") }',
  '{ a(b: -) }',
  '{ a(b: 01) }',
  '{ a(b: 1.) }',
  '{ a(b: 1e) }',
  'schema { query: Query }',
  'extend type Query { a: Int }',
  'directive @a on FIELD { __typename }',
  'subscription { __typename }',
  'subscription { ...f } fragment f on Subscription { events(projectId: "x") { cursor } b: events(projectId: "x") { cursor } }',
  'subscription { events(projectId: "x") @skip(if: true) { cursor } }',
  'subscription ($a: String = "x") { events(projectId: $a) { cursor } }',
  'mutation { __typename }',
  '{ ... @defer { __typename } }',
  '{ projectList @stream { nodes { id } } }',
  '{ node(id: "1") { id } }',
  '\u202e{ __typename }',
];

export const bombs: readonly string[] = [...GROWING.flatMap((grow) => COUNTS.map(grow)), ...SINGLE];
