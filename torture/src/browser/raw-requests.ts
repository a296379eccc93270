import { connect } from 'node:net';

const ANSWER_MS_MAX = 1_500;

/** What a browser sends along without being asked. */
const BROWSER = [
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0 Safari/537.36',
  'Accept: */*',
  'Accept-Encoding: gzip, deflate',
  'Accept-Language: en-US,en;q=0.9',
];

/** Names that some page may have, or may seem to have. `%` stands for the hub's port. */
const FOREIGN_HOSTS = [
  'evil.test',
  'evil.test:%',
  'evil.test.',
  'localhost.evil.test',
  'localhost.evil.test:%',
  '127.0.0.1.evil.test',
  '127.0.0.1.nip.test:%',
  'evil.test:80:%',
  'localhost.',
  'localhost.:%',
  'localhost@evil.test:%',
  'evil.test@localhost:%',
  'localhost:%@evil.test',
  'localhost:x',
  'localhost:',
  'localhost %',
  'localhost,evil.test',
  'localhost/evil.test',
  'localhost#evil.test',
  'localhost?evil.test',
  'localhost%2eevil.test',
  'ｌocalhost',
  'lοcalhost',
  '127.1',
  '127.0.1',
  '127.0.0.1.',
  '127.0.0.2',
  '127.0.0.01',
  '0x7f000001',
  '0x7f.0.0.1',
  '0177.0.0.1',
  '2130706433',
  '0.0.0.0',
  '0.0.0.0:%',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[0:0:0:0:0:0:0:1]',
  '[::1%25lo]:%',
  '[::1%lo]',
  '[fe80::1%25eth0]:%',
  '::1',
  '[::1].evil.test',
  '169.254.169.254',
  'host.docker.internal:%',
  '-',
  '.',
  '',
];

const PATHS = [
  '/v1/projects',
  '/openapi.json',
  '/docs/',
  '/',
  '/metrics',
  '/mcp',
  '/graphql?query=%7B__typename%7D',
  '/socket.io/?EIO=4&transport=polling',
];
const PROBES = ['/healthz', '/readyz'];
const isAddress = (host: string): boolean => /^(\[[^\]]+\]|[\d.]+\d)(:\d+)?$/.test(host);

export interface RawRequest {
  readonly name: string;
  /** Whether only what CORS gives out counts as read: the caller keeps its own origin. */
  readonly isCrossOrigin: boolean;
  readonly bytes: string;
}

const request = (line: string, ...headers: string[]): string =>
  [`${line} HTTP/1.1`, ...headers, ...BROWSER, 'Connection: close', '', ''].join('\r\n');

/** Names that a browser would not let a page have, but that a name server or a proxy might; and preflights by hand. */
export const rawRequests = (port: number, token: string): RawRequest[] => {
  const bearer = `Authorization: Bearer ${token}`;
  const named = FOREIGN_HOSTS.flatMap((pattern) => {
    const host = pattern.replace('%', String(port));
    // Health is told by any address: nobody can rebind one.
    return [...PATHS, ...(isAddress(host) ? [] : PROBES)].map((path) => ({
      name: `Host ${host} ${path}`,
      isCrossOrigin: false,
      bytes: request(`GET ${path}`, `Host: ${host}`, bearer),
    }));
  });
  const own = `Host: 127.0.0.1:${port}`;
  const preflights = [
    'http://evil.test',
    'null',
    'https://friend.test',
    `http://friend.test.evil.test`,
  ].flatMap((origin) =>
    ['GET', 'PUT', 'DELETE'].map((method) => ({
      name: `preflight ${origin} ${method}`,
      isCrossOrigin: true,
      bytes: request(
        'OPTIONS /v1/projects',
        own,
        `Origin: ${origin}`,
        `Access-Control-Request-Method: ${method}`,
        'Access-Control-Request-Headers: authorization',
        'Access-Control-Request-Private-Network: true',
        'Access-Control-Request-Local-Network: true',
        'Sec-Fetch-Site: cross-site',
      ),
    })),
  );
  return [...named, ...preflights];
};

/** Sends it and answers what the page would get to read of what comes back. */
export const readRaw = (port: number, { bytes, isCrossOrigin }: RawRequest): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    let received = '';
    socket.setTimeout(ANSWER_MS_MAX, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
    // A reset is no answer.
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(isCrossOrigin && !/^access-control-/im.test(received) ? '' : received));
  });
