// Runs in a page of an attacker: every means tried on everything worth reading or changing.
import {
  WAIT_MS,
  BIG,
  pause,
  aimAt,
  fetched,
  loaded,
  framed,
  submitted,
  JSON_FIELDS,
  spoken,
  socketIo,
  eventSource,
  opened,
  fetchCode,
  inWorker,
  inFrame,
  scriptOf,
  inServiceWorker,
  messaged,
  timed,
  xhr,
  beacon,
  multipart,
} from './means.js';
import { graphqlAttacks } from './graphql.js';

const PROJECT = JSON.stringify({ name: 'evil' });
const VALUE = JSON.stringify({ value: 'evil' });
const PLAN = '{"key":"evil","title":"evil"}';
const PLANNING = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"act_plan","arguments":{"agent":"evil","tasks":[${PLAN}]}}`;
const TOOL_CALL = `${PLANNING}}`;
const JSON_TYPE = { 'content-type': 'application/json' };
const OPEN_PATHS = [
  '/',
  '/healthz',
  '/readyz',
  '/openapi.json',
  '/docs/',
  '/docs/json',
  '/metrics',
  '/v1',
  '/%',
];

/** name → attack. The path of a read is one that would tell something, that of a write one that would change it. */
const attacks = {
  'fetch cors': (t) => fetched(t.signed('/v1/projects'), { headers: t.auth }),
  'fetch cors, no header': (t) => fetched(t.signed('/v1/projects')),
  'fetch cors with credentials': (t) => fetched(t.signed('/v1/projects'), { credentials: 'include' }),
  'fetch cors, no language': (t) => fetched(t.url('/v1/projects'), { headers: { 'accept-language': '' } }),
  'fetch cors, as a program': (t) =>
    fetched(t.url('/v1/projects'), {
      headers: { 'user-agent': 'node', accept: '*/*', 'accept-language': '*' },
    }),
  'fetch no-cors': (t) => fetched(t.signed('/v1/projects'), { mode: 'no-cors' }),
  'fetch same-origin': (t) => fetched(t.signed('/v1/projects'), { mode: 'same-origin', headers: t.auth }),
  'fetch of a private network': (t) =>
    fetched(t.url('/v1/projects'), { headers: t.auth, targetAddressSpace: 'loopback' }),
  'fetch with redirect by hand': (t) => fetched(t.url('/'), { redirect: 'manual' }),
  'fetch without referrer': (t) => fetched(t.signed('/v1/projects'), { referrerPolicy: 'no-referrer' }),
  'fetch with large headers': (t) => fetched(t.url('/v1/projects'), { headers: { 'x-long': BIG } }),
  'fetch with a large header that is allowed': (t) =>
    fetched(t.url('/v1/projects'), { headers: { 'accept-language': BIG } }),
  'fetch of a long path': (t) => fetched(t.url(`/v1/projects?x=${BIG}`)),
  'fetch keepalive': (t) => fetched(t.url('/v1/projects'), { keepalive: true, headers: t.auth }),
  'fetch of a range': (t) => fetched(t.url('/openapi.json'), { headers: { range: 'bytes=0-9' } }),
  'fetch HEAD': (t) => fetched(t.signed('/v1/projects'), { method: 'HEAD' }),
  'fetch OPTIONS': (t) => fetched(t.signed('/v1/projects'), { method: 'OPTIONS' }),
  'fetch of the polling transport': (t) => fetched(t.url('/socket.io/?EIO=4&transport=polling')),
  'fetch of the websocket transport': (t) => fetched(t.url('/socket.io/?EIO=4&transport=websocket')),
  'fetch of events': (t) =>
    fetched(t.signed(`/v1/projects/${t.projectId}/events?after=0`), { headers: t.auth }),
  ...Object.fromEntries(
    OPEN_PATHS.map((path) => [`fetch of ${path}`, (t) => fetched(t.url(path), { headers: {} })]),
  ),
  'fetch POST text/plain': (t) =>
    fetched(t.signed('/v1/projects'), { method: 'POST', body: PROJECT, mode: 'no-cors' }),
  'fetch POST JSON': (t) =>
    fetched(t.signed('/v1/projects'), {
      method: 'POST',
      body: PROJECT,
      headers: { ...t.auth, ...JSON_TYPE },
    }),
  'fetch POST a blob': (t) =>
    fetched(t.signed('/v1/projects'), { method: 'POST', body: new Blob([PROJECT]), mode: 'no-cors' }),
  'fetch POST urlencoded': (t) =>
    fetched(t.signed('/v1/projects'), { method: 'POST', body: new URLSearchParams({ [PROJECT]: '' }) }),
  'fetch POST multipart': (t) =>
    fetched(t.signed('/v1/projects'), {
      method: 'POST',
      body: multipart({ name: 'evil' }),
      mode: 'no-cors',
    }),
  'fetch PUT': (t) =>
    fetched(t.signed(t.state), { method: 'PUT', body: VALUE, headers: { ...t.auth, ...JSON_TYPE } }),
  'fetch DELETE': (t) => fetched(t.signed(t.state), { method: 'DELETE', headers: t.auth }),
  'fetch PATCH': (t) =>
    fetched(t.signed(`/v1/projects/${t.projectId}`), {
      method: 'PATCH',
      body: PROJECT,
      headers: { ...t.auth, ...JSON_TYPE },
    }),
  'fetch POST, method in a header': (t) =>
    fetched(t.signed(t.state), {
      method: 'POST',
      body: VALUE,
      headers: { 'x-http-method-override': 'PUT' },
    }),
  'fetch of tools': (t) => fetched(t.signed('/mcp'), { headers: { ...t.auth, accept: 'text/event-stream' } }),
  'fetch POST a call of a tool': (t) =>
    fetched(t.signed('/mcp'), {
      method: 'POST',
      body: TOOL_CALL,
      headers: { ...t.auth, ...JSON_TYPE, 'act-project': t.projectId },
    }),
  'fetch POST a call of a tool as text': (t) =>
    fetched(t.signed('/mcp'), { method: 'POST', body: TOOL_CALL, mode: 'no-cors' }),
  'form POST a call of a tool': (t) =>
    submitted(t.signed('/mcp'), { fields: { [`${PLANNING},"evil":"`]: '"}' } }),
  'beacon of a call of a tool': (t) => beacon(t.signed('/mcp'), TOOL_CALL),
  'EventSource of tools': (t) => eventSource(t.signed('/mcp')),
  'XHR GET': (t) => xhr('GET', t.signed('/v1/projects'), t.auth),
  'XHR POST text/plain': (t) => xhr('POST', t.signed('/v1/projects'), {}, PROJECT),
  'XHR POST JSON': (t) => xhr('POST', t.signed('/v1/projects'), { ...t.auth, ...JSON_TYPE }, PROJECT),
  'form GET': (t) => submitted(t.signed('/v1/projects'), { method: 'GET', fields: {}, mark: t.mark }),
  'form POST text/plain': (t) => submitted(t.signed('/v1/projects'), { fields: JSON_FIELDS }),
  'form POST urlencoded': (t) =>
    submitted(t.signed('/v1/projects'), {
      fields: { name: 'evil' },
      enctype: 'application/x-www-form-urlencoded',
    }),
  'form POST multipart': (t) =>
    submitted(t.signed('/v1/projects'), { fields: { name: 'evil' }, enctype: 'multipart/form-data' }),
  'form POST to Socket.IO': (t) =>
    submitted(t.signed('/socket.io/?EIO=4&transport=polling'), { fields: { '40{': '}' } }),
  'image of data': (t) => loaded('img', { src: t.signed('/v1/projects') }),
  'image of the page': (t) => loaded('img', { src: t.url('/docs/static/logo.svg') }),
  'image with CORS': (t) => loaded('img', { src: t.url('/docs/static/logo.svg'), crossorigin: 'anonymous' }),
  'script of data': (t) => loaded('script', { src: t.signed('/v1/projects') }),
  'script of the API': (t) => loaded('script', { src: t.url('/openapi.json') }),
  'script of the page': (t) => loaded('script', { src: t.url('/docs/static/swagger-ui-bundle.js') }),
  'script module': (t) =>
    loaded('script', { type: 'module', src: t.url('/docs/static/swagger-initializer.js') }),
  'script of the client': (t) => loaded('script', { src: t.url('/socket.io/socket.io.js') }),
  'style sheet': (t) => loaded('link', { rel: 'stylesheet', href: t.url('/docs/static/swagger-ui.css') }),
  'style sheet of data': (t) => loaded('link', { rel: 'stylesheet', href: t.signed('/v1/projects') }),
  preload: (t) => loaded('link', { rel: 'preload', as: 'fetch', href: t.url('/healthz') }),
  'preload with CORS': (t) =>
    loaded('link', { rel: 'preload', as: 'fetch', crossorigin: 'anonymous', href: t.url('/openapi.json') }),
  'module preload': (t) => loaded('link', { rel: 'modulepreload', href: t.url('/docs/static/x.js') }),
  prefetch: (t) => loaded('link', { rel: 'prefetch', href: t.url('/openapi.json') }),
  'object of the page': (t) =>
    loaded('object', { data: t.url('/docs/static/logo.svg'), type: 'image/svg+xml' }),
  embed: (t) => loaded('embed', { src: t.url('/docs/static/logo.svg'), type: 'image/svg+xml' }, false),
  video: (t) => loaded('video', { src: t.signed('/v1/projects') }),
  audio: (t) => loaded('audio', { src: t.signed('/v1/projects') }),
  'import of a module': async (t) => JSON.stringify(await import(t.url('/openapi.json'))),
  font: async (t) => {
    await new FontFace('evil', `url(${JSON.stringify(t.url('/docs/static/font.woff2'))})`).load();
    return 'load';
  },
  'frame of data': (t) => framed(t.signed('/v1/projects')),
  'frame of health': (t) => framed(t.url('/healthz')),
  'frame of the page': (t) => framed(t.url('/docs/')),
  'message to a frame': (t) => messaged(t.url('/docs/')),
  'window of data': (t) => opened(t.signed('/v1/projects')),
  'window of the page': (t) => opened(t.url('/docs/')),
  'beacon of text': (t) => beacon(t.signed('/v1/projects'), PROJECT),
  'beacon of a form': (t) => beacon(t.signed('/v1/projects'), multipart({ name: 'evil' })),
  'beacon urlencoded': (t) => beacon(t.signed('/v1/projects'), new URLSearchParams({ name: 'evil' })),
  'beacon of JSON': (t) =>
    beacon(t.signed('/v1/projects'), new Blob([PROJECT], { type: 'application/json' })),
  ping: async (t) => {
    const link = document.createElement('a');
    Object.assign(link, { href: '#', ping: t.signed('/v1/projects') });
    document.body.append(link);
    link.click();
    return beacon('/nothing', '');
  },
  'EventSource of events': (t) => eventSource(t.signed(`/v1/projects/${t.projectId}/events?after=0`)),
  'EventSource with credentials': (t) =>
    eventSource(t.signed(`/v1/projects/${t.projectId}/events?after=0`), { withCredentials: true }),
  'WebSocket as Engine.IO': (t) =>
    spoken(t.webSocket('websocket'), [
      `40${JSON.stringify({ token: t.token ?? '' })}`,
      '420["command",{"name":"project.create","input":{"name":"evil"}}]',
      '421["query",{"name":"project.list","input":{}}]',
    ]),
  'WebSocket to the API': (t) => spoken(t.signed('/v1/projects').replace(/^http/, 'ws'), []),
  'Socket.IO over WebSocket': (t) => socketIo(t, ['websocket']),
  'Socket.IO over polling': (t) => socketIo(t, ['polling']),
  'fetch in a worker': (t) => inWorker(t.signed('/v1/projects'), { headers: t.auth }),
  'fetch in a service worker': (t) => inServiceWorker(t.signed('/v1/projects'), { headers: t.auth }),
  'no-cors in a service worker': (t) => inServiceWorker(t.url('/docs/'), { mode: 'no-cors' }),
  'fetch without origin, sandboxed': (t) =>
    inFrame(
      (code) => ({ sandbox: 'allow-scripts', srcdoc: scriptOf(code) }),
      fetchCode(t.signed('/v1/projects'), { headers: t.auth }),
    ),
  'fetch without origin, data URL': (t) =>
    inFrame(
      (code) => ({ src: `data:text/html,${encodeURIComponent(scriptOf(code))}` }),
      fetchCode(t.signed('/v1/projects')),
    ),
  ...graphqlAttacks,
  'books of the browser': (t) => timed(t.url('/healthz')),
  'a worker of the hub': (t) =>
    new Promise((resolve) => {
      const worker = new Worker(t.url('/docs/static/swagger-ui-bundle.js'));
      worker.onmessage = ({ data }) => resolve(String(data));
      worker.onerror = () => resolve('');
    }),
};

const attackOnce = async (name, target) => {
  const tooLong = pause(WAIT_MS).then(() => '');
  const attacked = Promise.resolve()
    .then(() => attacks[name](aimAt(target, name)))
    .catch(() => '');
  return { name, read: String(await Promise.race([attacked, tooLong])) };
};

window.attackNames = Object.keys(attacks);
/** Some attacks at once; answers what each could read. */
window.attack = async (names, target) => {
  const results = await Promise.all(names.map((name) => attackOnce(name, target)));
  document.body.replaceChildren();
  return results;
};
