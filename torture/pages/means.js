// What a page can do to a server on the user's machine. Each means answers the text that the page could read of what
// the server said, or that it learned whether the server agreed ('' for nothing).
export const WAIT_MS = 3_000;
export const BIG = 'a'.repeat(20_000);
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What is to be attacked, for one attack. `mark` goes along where the server counts who came. */
export const aimAt = ({ base, token, projectId, marked }, name) => {
  const mark = marked ? `mark=${encodeURIComponent(name)}` : '';
  const socketPath = '/socket.io/?EIO=4&transport=';
  const url = (path) => base + path + (mark ? (path.includes('?') ? '&' : '?') + mark : '');
  const signed = (path) =>
    url(token ? `${path}${path.includes('?') ? '&' : '?'}access_token=${token}&token=${token}` : path);
  return {
    url,
    signed,
    base,
    token,
    projectId,
    mark: marked ? name : undefined,
    auth: token ? { authorization: `Bearer ${token}` } : {},
    webSocket: (transport) => url(socketPath + transport).replace(/^http/, 'ws'),
    state: `/v1/projects/${projectId}/state/evil`,
  };
};

const textOf = async (response) => {
  const text = await response.text().catch(() => '');
  return response.type.startsWith('opaque') ? text : `${response.status} ${text}`;
};
export const fetched = async (url, options) => textOf(await fetch(url, options));

/** An element that loads something: its load event tells that the server agreed, and so does a size. */
export const loaded = (tag, attributes, isTelling = true) =>
  new Promise((resolve) => {
    const element = document.createElement(tag);
    element.onload = element.onloadedmetadata = () =>
      resolve(isTelling ? `load ${element.naturalWidth ?? ''}` : '');
    element.onerror = () => resolve('');
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    document.body.append(element);
  });

export const framed = async (url) => {
  const frame = document.createElement('iframe');
  const done = new Promise((resolve) => (frame.onload = resolve));
  frame.src = url;
  document.body.append(frame);
  await done;
  return documentText(frame.contentWindow);
};
/** The document of another window, where the browser gives it out. The browser's own error page never is. */
const documentText = (other) => {
  try {
    return other.location.href === 'about:blank' ? '' : other.document.documentElement.textContent;
  } catch {
    return other.length > 0 ? `${other.length} frames` : '';
  }
};

export const submitted = async (
  action,
  { method = 'POST', enctype = 'text/plain', fields, mark, target },
) => {
  const frame = document.createElement('iframe');
  frame.name = target ?? `frame-${Math.random()}`;
  document.body.append(frame);
  const form = document.createElement('form');
  Object.assign(form, { action, method, enctype, target: frame.name });
  for (const [name, value] of Object.entries({ ...fields, ...(mark ? { mark } : {}) })) {
    const input = document.createElement('input');
    Object.assign(input, { name, value });
    form.append(input);
  }
  document.body.append(form);
  const done = new Promise((resolve) => (frame.onload = resolve));
  form.submit();
  await done;
  await pause(100);
  return documentText(frame.contentWindow);
};
/** With text/plain this becomes a body that is JSON. */
export const JSON_FIELDS = { '{"name":"evil","description":"': '"}' };

/** A socket of the browser's own; what it is sent is what it reads. With a protocol the page speaks first. */
export const spoken = (url, words, protocol) =>
  new Promise((resolve) => {
    const socket = protocol ? new WebSocket(url, protocol) : new WebSocket(url);
    const heard = [];
    socket.onopen = () => {
      heard.push('open');
      if (protocol) socket.send(words.shift());
    };
    socket.onmessage = ({ data }) => {
      heard.push(String(data));
      const word = words.shift();
      if (word) socket.send(word);
    };
    socket.onclose = () => resolve(heard.join(' '));
    setTimeout(() => resolve(heard.join(' ')), WAIT_MS / 2);
  });

/** Socket.IO's own client: reads what it may, and changes what it can. */
export const socketIo = (t, transports) =>
  new Promise((resolve) => {
    const query = t.mark ? { mark: t.mark } : {};
    const options = {
      transports,
      reconnection: false,
      forceNew: true,
      auth: { token: t.token ?? '' },
      query,
    };
    const socket = window.io(t.base, options);
    const heard = [];
    // The client's own words about a failed transport say nothing of the server.
    socket.on('connect_error', (error) => resolve(error.data ? JSON.stringify(error.data) : ''));
    socket.on('connect', () => {
      heard.push('connected');
      const input = { name: 'evil' };
      const answer = (...values) => heard.push(JSON.stringify(values));
      socket.emit('command', { name: 'project.create', input }, answer);
      socket.emit('query', { name: 'project.list', input: {} }, answer);
    });
    setTimeout(() => resolve((socket.disconnect(), heard.join(' '))), WAIT_MS / 2);
  });

export const eventSource = (url, options) =>
  new Promise((resolve) => {
    const source = new EventSource(url, options);
    const heard = [];
    source.onopen = () => heard.push('open');
    for (const name of ['message', 'open', 'frame', 'refusal'])
      source.addEventListener(name, ({ data }) => heard.push(data ?? ''));
    source.onerror = () => resolve((source.close(), heard.join(' ')));
    setTimeout(() => resolve((source.close(), heard.join(' '))), WAIT_MS / 2);
  });

export const opened = async (url) => {
  const other = window.open(url);
  if (!other) return '';
  await pause(WAIT_MS / 3);
  const text = documentText(other);
  other.close();
  return text;
};

/** Code in a place of its own: a worker, a service worker, a frame without origin. It posts back what it read. */
const FETCH_IN =
  "fetch(URL_, OPTIONS_).then(async (r) => (r.type.startsWith('opaque') ? '' : r.status + ' ') + (await r.text())).catch(() => '')";
export const fetchCode = (url, options = {}) =>
  FETCH_IN.replace('URL_', () => JSON.stringify(url)).replace('OPTIONS_', () => JSON.stringify(options));
export const inWorker = (url, options) =>
  new Promise((resolve) => {
    const code = `${fetchCode(url, options)}.then((text) => postMessage(text))`;
    const worker = new Worker(URL.createObjectURL(new Blob([code])));
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = () => resolve('');
  });
export const inFrame = (attributes, code) =>
  new Promise((resolve) => {
    const frame = document.createElement('iframe');
    addEventListener(
      'message',
      ({ source, data }) => source === frame.contentWindow && resolve(String(data)),
    );
    for (const [name, value] of Object.entries(attributes(code))) frame.setAttribute(name, value);
    document.body.append(frame);
  });
export const scriptOf = (code) =>
  `<script>${code}.then((text) => parent.postMessage(text, '*'))</` + 'script>';

export const inServiceWorker = async (url, options) => {
  const registration = await navigator.serviceWorker.register('/worker.js');
  const worker = registration.active ?? registration.waiting ?? registration.installing;
  const channel = new MessageChannel();
  const heard = new Promise((resolve) => (channel.port1.onmessage = ({ data }) => resolve(data)));
  worker.postMessage({ url, options }, [channel.port2]);
  return heard;
};

export const messaged = async (url) => {
  const frame = document.createElement('iframe');
  const heard = [];
  addEventListener(
    'message',
    ({ source, data }) => source === frame.contentWindow && heard.push(String(data)),
  );
  frame.src = url;
  document.body.append(frame);
  await pause(500);
  frame.contentWindow.postMessage({ type: 'hello' }, '*');
  await pause(500);
  return heard.join(' ');
};

/** What the browser's own bookkeeping says of an answer. */
export const timed = async (url) => {
  await fetch(url, { mode: 'no-cors' }).catch(() => undefined);
  await loaded('img', { src: url });
  const entries = performance.getEntriesByName(url);
  const telling = entries.filter(
    (entry) => entry.responseStatus > 0 || entry.transferSize > 0 || entry.encodedBodySize > 0,
  );
  return telling.map((entry) => `${entry.responseStatus} ${entry.transferSize}`).join(' ');
};

export const xhr = (method, url, headers, body) =>
  new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.onloadend = () => resolve(request.status ? `${request.status} ${request.responseText}` : '');
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.send(body);
  });

export const beacon = async (url, body) => {
  navigator.sendBeacon(url, body);
  await pause(300);
  return '';
};

export const multipart = (fields) => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  return form;
};
