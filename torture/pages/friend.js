// Runs in a page of an origin that ACT_ALLOWED_ORIGINS lists: everything a board needs has to work from there.
const call = (hub, path, options = {}) =>
  fetch(`${hub.url}${path}`, {
    ...options,
    headers: {
      authorization: `Bearer ${hub.token}`,
      ...(options.body ? { 'content-type': 'application/json' } : {}),
      ...options.headers,
    },
  });

const firstFrame = async (hub) => {
  const gone = new AbortController();
  const path = `/v1/projects/${hub.projectId}/events?after=0`;
  const reader = (await call(hub, path, { signal: gone.signal })).body.getReader();
  for (let text = ''; ;) {
    const { value, done } = await reader.read();
    text += new TextDecoder().decode(value);
    if (done || text.includes('event: frame')) return (gone.abort(), text);
  }
};

const overSocket = (hub) =>
  new Promise((resolve, reject) => {
    const socket = window.io(hub.url, { transports: ['websocket'], auth: { token: hub.token } });
    socket.on('connect_error', reject);
    socket.on('connect', () => {
      const query = { name: 'project.get', projectId: hub.projectId, input: {} };
      socket.emit('query', query, (answer) => resolve((socket.disconnect(), answer)));
    });
  });

const QUERY = 'query ($id: ID!) { projectGet(projectId: $id) { id } }';
const asking = (hub) => ({ query: QUERY, variables: { id: hub.projectId } });

const overGraphqlSocket = (hub) =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`${hub.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const say = (message) => socket.send(JSON.stringify(message));
    socket.onclose = reject;
    socket.onopen = () => say({ type: 'connection_init', payload: { token: hub.token } });
    socket.onmessage = ({ data }) => {
      const { type, payload } = JSON.parse(data);
      if (type === 'connection_ack') say({ id: '1', type: 'subscribe', payload: asking(hub) });
      if (type === 'next') resolve((socket.close(), payload));
    };
  });

const checks = {
  read: async (hub) => (await (await call(hub, '/v1/projects')).json()).items.length > 0,
  write: async (hub) => {
    const path = `/v1/projects/${hub.projectId}/state/friend`;
    const body = JSON.stringify({ value: 'friend' });
    const headers = { 'idempotency-key': hub.commandId };
    const response = await call(hub, path, { method: 'PUT', body, headers });
    return response.ok && Number(response.headers.get('act-seq')) > 0;
  },
  refusal: async (hub) => {
    const response = await call({ ...hub, token: 'wrong' }, '/v1/projects');
    return response.status === 401 && (await response.json()).code === 'unauthorized';
  },
  events: async (hub) => (await firstFrame(hub)).includes('"firstSeq":1'),
  graphql: async (hub) => {
    const response = await call(hub, '/graphql', { method: 'POST', body: JSON.stringify(asking(hub)) });
    return (await response.json()).data.projectGet.id === hub.projectId;
  },
  'graphql socket': async (hub) => (await overGraphqlSocket(hub)).data.projectGet.id === hub.projectId,
  socket: async (hub) => (await overSocket(hub)).ok === true,
};

/** Names of what did not work. */
window.visit = async (hub) => {
  const failed = [];
  for (const [name, check] of Object.entries(checks))
    if (!(await check(hub).catch(() => false))) failed.push(name);
  return failed;
};
