// Runs in a page of an attacker. Everything a page can do to a server on the user's machine: each attack answers the
// text it could read of what the server said, or that it learned whether the server agreed ('' for nothing).
(() => {
  const WAIT_MS = 3_000;
  const BIG = 'a'.repeat(20_000);
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

  /** What is to be attacked, for one attack. `mark` goes along where the server counts who came. */
  const aimAt = ({ base, token, projectId, marked }, name) => {
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
  const fetched = async (url, options) => textOf(await fetch(url, options));

  /** An element that loads something: its load event tells that the server agreed, and so does a size. */
  const loaded = (tag, attributes, isTelling = true) =>
    new Promise((resolve) => {
      const element = document.createElement(tag);
      element.onload = element.onloadedmetadata = () =>
        resolve(isTelling ? `load ${element.naturalWidth ?? ''}` : '');
      element.onerror = () => resolve('');
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      document.body.append(element);
    });

  const framed = async (url) => {
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

  const submitted = async (action, { method = 'POST', enctype = 'text/plain', fields, mark, target }) => {
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
  const JSON_FIELDS = { '{"name":"evil","description":"': '"}' };

  /** A socket of the browser's own; what it is sent is what it reads. */
  const spoken = (url, words) =>
    new Promise((resolve) => {
      const socket = new WebSocket(url);
      const heard = [];
      socket.onopen = () => heard.push('open');
      socket.onmessage = ({ data }) => {
        heard.push(String(data));
        const word = words.shift();
        if (word) socket.send(word);
      };
      socket.onclose = () => resolve(heard.join(' '));
      setTimeout(() => resolve(heard.join(' ')), WAIT_MS / 2);
    });

  /** Socket.IO's own client: reads what it may, and changes what it can. */
  const socketIo = (t, transports) =>
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

  const eventSource = (url, options) =>
    new Promise((resolve) => {
      const source = new EventSource(url, options);
      const heard = [];
      source.onopen = () => heard.push('open');
      for (const name of ['message', 'open', 'frame', 'refusal'])
        source.addEventListener(name, ({ data }) => heard.push(data ?? ''));
      source.onerror = () => resolve((source.close(), heard.join(' ')));
      setTimeout(() => resolve((source.close(), heard.join(' '))), WAIT_MS / 2);
    });

  const opened = async (url) => {
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
  const fetchCode = (url, options = {}) =>
    FETCH_IN.replace('URL_', () => JSON.stringify(url)).replace('OPTIONS_', () => JSON.stringify(options));
  const inWorker = (url, options) =>
    new Promise((resolve) => {
      const code = `${fetchCode(url, options)}.then((text) => postMessage(text))`;
      const worker = new Worker(URL.createObjectURL(new Blob([code])));
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = () => resolve('');
    });
  const inFrame = (attributes, code) =>
    new Promise((resolve) => {
      const frame = document.createElement('iframe');
      addEventListener(
        'message',
        ({ source, data }) => source === frame.contentWindow && resolve(String(data)),
      );
      for (const [name, value] of Object.entries(attributes(code))) frame.setAttribute(name, value);
      document.body.append(frame);
    });
  const scriptOf = (code) => `<script>${code}.then((text) => parent.postMessage(text, '*'))</` + 'script>';

  const inServiceWorker = async (url, options) => {
    const registration = await navigator.serviceWorker.register('/worker.js');
    const worker = registration.active ?? registration.waiting ?? registration.installing;
    const channel = new MessageChannel();
    const heard = new Promise((resolve) => (channel.port1.onmessage = ({ data }) => resolve(data)));
    worker.postMessage({ url, options }, [channel.port2]);
    return heard;
  };

  const messaged = async (url) => {
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
  const timed = async (url) => {
    await fetch(url, { mode: 'no-cors' }).catch(() => undefined);
    await loaded('img', { src: url });
    const entries = performance.getEntriesByName(url);
    const telling = entries.filter(
      (entry) => entry.responseStatus > 0 || entry.transferSize > 0 || entry.encodedBodySize > 0,
    );
    return telling.map((entry) => `${entry.responseStatus} ${entry.transferSize}`).join(' ');
  };

  const xhr = (method, url, headers, body) =>
    new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.onloadend = () => resolve(request.status ? `${request.status} ${request.responseText}` : '');
      request.open(method, url);
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.send(body);
    });

  const beacon = async (url, body) => {
    navigator.sendBeacon(url, body);
    await pause(300);
    return '';
  };

  const multipart = (fields) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    return form;
  };

  const PROJECT = JSON.stringify({ name: 'evil' });
  const VALUE = JSON.stringify({ value: 'evil' });
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
    'image with CORS': (t) =>
      loaded('img', { src: t.url('/docs/static/logo.svg'), crossorigin: 'anonymous' }),
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
})();
