import { gzipSync } from 'node:zlib';
import { startCrowd, startRequests } from './crowd.ts';
import type { Target } from './crowd.ts';
import type { Tally } from './tally.ts';
import { handshakeOf, textFrame } from './websocket.ts';

export interface FloodSize {
  readonly connections: number;
  readonly opensPerSecond: number;
  /** Requests a second, where the flood is one of requests. */
  readonly perSecond: number;
}
type Start = (target: Target, size: FloodSize, tally: Tally) => { stop: () => void };

const head = (line: string, ...headers: string[]): string =>
  [line, 'Host: 127.0.0.1', ...headers, '', ''].join('\r\n');
const bearer = ({ token }: Target): string => `Authorization: Bearer ${token}`;
const JSON_TYPE = 'Content-Type: application/json';
const FEW = 8;
const MEGABYTE = 1_048_576;
const BOMB_BYTES = 10 * MEGABYTE;
const GIANT_BYTES = 2 * MEGABYTE;
/** Of floods whose every connection costs megabytes. */
const LARGE_PER_SECOND = 100;

/** The attacks of the row. Each does its worst with what it has: those with a token are insiders. */
export const floods = {
  'slow-headers': (target, size, tally) =>
    startCrowd({ target, tally, ...size, greeting: 'GET /v1 HTTP/1.1\r\nX-Slow: ', drip: 'a' }),

  'slow-bodies': (target, size, tally) => {
    const greeting = head('POST /v1/projects HTTP/1.1', bearer(target), JSON_TYPE, 'Content-Length: 500000');
    return startCrowd({ target, tally, ...size, greeting, drip: ' ' });
  },

  // More than what the system holds for a connection, so that the hub has to wait.
  'slow-readers': (target, size, tally) => {
    const greeting = head('GET /docs/static/swagger-ui-bundle.js HTTP/1.1').repeat(4);
    return startCrowd({ target, tally, ...size, greeting, isDeaf: true });
  },

  'silent-sockets': (target, size, tally) => startCrowd({ target, tally, ...size, greeting: handshakeOf() }),

  'huge-bodies': (target, { opensPerSecond }, tally) => {
    const greeting = head(
      'POST /v1/projects HTTP/1.1',
      bearer(target),
      JSON_TYPE,
      'Content-Length: 104857600',
    );
    const body = 'a'.repeat(MEGABYTE);
    return startCrowd({
      target,
      tally,
      connections: FEW,
      opensPerSecond: Math.min(opensPerSecond, LARGE_PER_SECOND),
      greeting: greeting + body,
      // Whatever it is told, it goes on.
      onData: (socket) => socket.write(body),
    });
  },

  'gzip-bombs': (target, { perSecond }, tally) => {
    const bomb = gzipSync(Buffer.alloc(BOMB_BYTES)).toString('latin1');
    const headers = [bearer(target), JSON_TYPE, 'Content-Encoding: gzip', `Content-Length: ${bomb.length}`];
    const request = head('POST /v1/projects HTTP/1.1', ...headers) + bomb;
    return startRequests({
      target,
      tally,
      connections: FEW,
      opensPerSecond: LARGE_PER_SECOND,
      perSecond: Math.min(perSecond, 200),
      request,
    });
  },

  'noisy-agent': (target, { perSecond }, tally) => {
    const request = head(`GET /v1/projects/${target.projectId} HTTP/1.1`, bearer(target));
    return startRequests({ target, tally, connections: FEW, opensPerSecond: 200, perSecond, request });
  },

  'many-addresses': (target, { opensPerSecond }, tally) =>
    startCrowd({
      target,
      tally,
      connections: 250,
      opensPerSecond,
      greeting: `${head('GET /v1 HTTP/1.1')}GET /v1 HTTP/1.1\r\nX-Slow: `,
      localAddress: (opened) => `127.0.0.${2 + (opened % 250)}`,
    }),

  'wrong-tokens': (target, { perSecond }, tally) => {
    const request = head('GET /v1/projects HTTP/1.1', 'Authorization: Bearer act_admin_wrong');
    return startRequests({ target, tally, connections: FEW, opensPerSecond: 200, perSecond, request });
  },

  // Connects, shows a token, right every other time, hears the answer, leaves.
  'socket-storm': (target, { opensPerSecond }, tally) =>
    startCrowd({
      target,
      tally,
      connections: 100,
      opensPerSecond,
      greeting: handshakeOf(),
      onData: (socket, chunk) => {
        const isFirst = chunk.toString('latin1').startsWith('HTTP/1.1 101');
        const token = tally.opened % 2 === 0 ? target.token : 'wrong';
        if (isFirst) socket.write(textFrame(`40${JSON.stringify({ token })}`));
        else socket.destroy();
      },
    }),

  'giant-packets': (target, _size, tally) =>
    startCrowd({
      target,
      tally,
      connections: FEW,
      opensPerSecond: LARGE_PER_SECOND,
      greeting: handshakeOf(),
      onData: (socket, chunk) => {
        if (!chunk.toString('latin1').startsWith('HTTP/1.1 101')) return;
        socket.write(textFrame(`40${JSON.stringify({ token: target.token })}`));
        socket.write(textFrame(`42["command",{"name":"${'a'.repeat(GIANT_BYTES)}"}]`));
      },
    }),
} as const satisfies Record<string, Start>;

export type FloodName = keyof typeof floods;
// Object.keys tells no more than string; the table above has these and no others.
export const floodNames = Object.keys(floods) as FloodName[];
