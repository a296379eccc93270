// What an attacker's page tries at /graphql: all of its doors take documents, and some of them could come without a
// preflight.
import { beacon, eventSource, fetched, loaded, multipart, spoken, submitted, xhr } from './means.js';

const QUERY = '{ projectList { nodes { id name } } }';
const MUTATION = 'mutation { projectCreate(name: \\"evil\\") { __typename } }';
const JSON_QUERY = JSON.stringify({ query: QUERY });
const JSON_MUTATION = `{"query":"${MUTATION}"}`;
const FIELDS = { query: MUTATION.replaceAll('\\', '') };
const JSON_TYPE = { 'content-type': 'application/json' };
const STREAM = { accept: 'text/event-stream' };
const follow = (t) => `subscription { events(projectId: "${t.projectId}", after: "0") { events { data } } }`;
const asked = (query) => `/graphql?query=${encodeURIComponent(query)}`;

const post = (t, body, more = {}) => fetched(t.signed('/graphql'), { method: 'POST', body, ...more });
const said = (t, protocol) => {
  const start = protocol === 'graphql-ws' ? 'start' : 'subscribe';
  const words = [QUERY, FIELDS.query, follow(t)].map((query, at) =>
    JSON.stringify({ id: `${at}`, type: start, payload: { query } }),
  );
  const first = JSON.stringify({ type: 'connection_init', payload: { token: t.token } });
  return spoken(t.signed('/graphql').replace(/^http/, 'ws'), [first, ...words], protocol);
};

export const graphqlAttacks = {
  'GraphQL, fetch POST JSON': (t) => post(t, JSON_QUERY, { headers: { ...t.auth, ...JSON_TYPE } }),
  'GraphQL, fetch POST a command': (t) => post(t, JSON_MUTATION, { headers: { ...t.auth, ...JSON_TYPE } }),
  'GraphQL, fetch POST text/plain': (t) => post(t, JSON_MUTATION, { mode: 'no-cors' }),
  'GraphQL, fetch POST text/plain with CORS': (t) => post(t, JSON_QUERY),
  'GraphQL, fetch POST a blob': (t) => post(t, new Blob([JSON_MUTATION]), { mode: 'no-cors' }),
  'GraphQL, fetch POST urlencoded': (t) => post(t, new URLSearchParams(FIELDS)),
  'GraphQL, fetch POST multipart': (t) => post(t, multipart({ operations: JSON_MUTATION, map: '{}' })),
  'GraphQL, fetch POST application/graphql': (t) =>
    post(t, QUERY, { headers: { ...t.auth, 'content-type': 'application/graphql' } }),
  'GraphQL, fetch POST for a stream': (t) =>
    post(t, JSON.stringify({ query: follow(t) }), { headers: { ...t.auth, ...JSON_TYPE, ...STREAM } }),
  'GraphQL, fetch POST text/plain for a stream': (t) =>
    post(t, JSON.stringify({ query: follow(t) }), { headers: STREAM }),
  'GraphQL, fetch GET': (t) => fetched(t.signed(asked(QUERY)), { headers: t.auth }),
  'GraphQL, fetch GET without a header': (t) => fetched(t.signed(asked(QUERY))),
  'GraphQL, fetch GET a command': (t) => fetched(t.signed(asked(FIELDS.query)), { mode: 'no-cors' }),
  'GraphQL, XHR POST text/plain': (t) => xhr('POST', t.signed('/graphql'), {}, JSON_MUTATION),
  'GraphQL, XHR POST JSON': (t) => xhr('POST', t.signed('/graphql'), { ...t.auth, ...JSON_TYPE }, JSON_QUERY),
  'GraphQL, form POST text/plain': (t) =>
    submitted(t.signed('/graphql'), { fields: { [`{"query":"${MUTATION}","evil":"`]: '"}' } }),
  'GraphQL, form POST urlencoded': (t) =>
    submitted(t.signed('/graphql'), { fields: FIELDS, enctype: 'application/x-www-form-urlencoded' }),
  'GraphQL, form POST multipart': (t) =>
    submitted(t.signed('/graphql'), { fields: FIELDS, enctype: 'multipart/form-data' }),
  'GraphQL, form GET': (t) =>
    submitted(t.signed('/graphql'), { method: 'GET', fields: { query: QUERY }, mark: t.mark }),
  'GraphQL, beacon of text': (t) => beacon(t.signed('/graphql'), JSON_MUTATION),
  'GraphQL, beacon urlencoded': (t) => beacon(t.signed('/graphql'), new URLSearchParams(FIELDS)),
  'GraphQL, beacon of JSON': (t) =>
    beacon(t.signed('/graphql'), new Blob([JSON_MUTATION], { type: 'application/json' })),
  'GraphQL, EventSource': (t) => eventSource(t.signed(asked(follow(t)))),
  'GraphQL, script': (t) => loaded('script', { src: t.signed(asked(QUERY)) }),
  'GraphQL, image': (t) => loaded('img', { src: t.signed(asked(FIELDS.query)) }),
  'GraphQL, WebSocket': (t) => said(t, 'graphql-transport-ws'),
  'GraphQL, WebSocket of the older protocol': (t) => said(t, 'graphql-ws'),
};
