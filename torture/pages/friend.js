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
  socket: async (hub) => (await overSocket(hub)).ok === true,
};

/** Names of what did not work. */
window.visit = async (hub) => {
  const failed = [];
  for (const [name, check] of Object.entries(checks))
    if (!(await check(hub).catch(() => false))) failed.push(name);
  return failed;
};
