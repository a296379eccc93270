import type { Socket } from 'node:net';

const ANSWER_BYTES_MAX = 16_777_216;
const HEAD_END = '\r\n\r\n';

export interface Request {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** How long it may take, in milliseconds. */
  readonly withinMs: number;
}

export interface Answered {
  readonly status: number;
  readonly body: string;
}

/** The data of a chunked body; undefined while its last chunk is not there. */
const joinChunks = (bytes: Buffer): Buffer | undefined => {
  const chunks: Buffer[] = [];
  for (let at = 0; ;) {
    const start = bytes.indexOf('\r\n', at) + 2;
    if (start < 2) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, start), 16);
    if (size === 0) return Buffer.concat(chunks);
    // Also where that is no number.
    if (!(start + size <= bytes.length)) return undefined;
    chunks.push(bytes.subarray(start, start + size));
    at = start + size + 2;
  }
};

/** An answer of HTTP/1.1; undefined while it is not whole. `isOver`: nothing more will come. */
export const readAnswer = (bytes: Buffer, isOver: boolean): Answered | undefined => {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd < 0) return undefined;
  const head = bytes.toString('latin1', 0, headEnd);
  const rest = bytes.subarray(headEnd + HEAD_END.length);
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? (isOver ? rest.length : Infinity));
  const isChunked = /\r\ntransfer-encoding: *chunked/i.test(head);
  const body = isChunked ? joinChunks(rest) : rest.length >= length ? rest.subarray(0, length) : undefined;
  return body && { status: Number(/^HTTP\/1\.\d (\d{3})/.exec(head)?.[1]), body: body.toString('utf8') };
};

/** Loaded when needed: most hooks of this user run where nothing was joined. */
const connectTo = async ({ protocol, hostname, port }: URL): Promise<Socket> => {
  const host = hostname.replaceAll(/[[\]]/g, '');
  const { connect, isIP } = await import('node:net');
  if (protocol !== 'https:') return connect({ host, port: Number(port || 80) });
  const tls = await import('node:tls');
  const named = isIP(host) === 0 ? { servername: host } : {};
  return tls.connect({ host, port: Number(port || 443), ...named });
};

/**
 * One request over a connection of its own. Not by Node's HTTP client: to load and start that takes some 6 ms of
 * processor time, a fifth of what Node itself does, at every edit (`npm run bench -- hooks`). Nor with an abort signal,
 * which takes another to load.
 */
export const exchange = async ({ url, method, headers, body, withinMs }: Request): Promise<Answered> => {
  const socket = await connectTo(url);
  const fields = { host: url.host, connection: 'close', ...headers };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => socket.destroy(new Error('the hub did not answer in time')), withinMs);
    let bytes = Buffer.alloc(0);
    const look = (isOver: boolean): void => {
      const answered = readAnswer(bytes, isOver);
      if (answered) resolve(answered);
      // One that has answered closes by itself: to destroy its socket would make Node open stderr.
      else if (bytes.length > ANSWER_BYTES_MAX) socket.destroy();
      if (isOver) reject(new Error('the hub broke off its answer'));
    };
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      look(false);
    });
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(late);
      look(true);
    });
    socket.write(
      `${method} ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join('\r\n')}${HEAD_END}${body}`,
    );
  });
};
