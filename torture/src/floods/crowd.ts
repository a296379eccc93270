import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { countStatuses } from './tally.ts';
import type { Tally } from './tally.ts';

const TICK_MS = 10;
const PIPELINED = 4;

export interface Target {
  readonly host: string;
  readonly port: number;
  /** Valid at the hub. */
  readonly token: string;
  readonly projectId: string;
}

export interface CrowdOptions {
  readonly target: Target;
  readonly tally: Tally;
  readonly connections: number;
  readonly opensPerSecond: number;
  /** What each says first. */
  readonly greeting: string;
  /** What each says once a second after that. */
  readonly drip?: string;
  /** Called for every chunk that comes back; without it nothing is done with them but counting. */
  readonly onData?: (socket: Socket, chunk: Buffer) => void;
  /** Nothing is read. */
  readonly isDeaf?: boolean;
  readonly localAddress?: (opened: number) => string;
}

/** So many connections that are kept open, and opened again when the hub closes them, at a bounded rate. */
export const startCrowd = (
  options: CrowdOptions,
): { readonly sockets: ReadonlySet<Socket>; stop: () => void } => {
  const { target, tally, connections, opensPerSecond, greeting, drip, onData, isDeaf, localAddress } =
    options;
  const sockets = new Set<Socket>();
  let isStopping = false;
  const open = (): void => {
    const from = localAddress === undefined ? {} : { localAddress: localAddress(tally.opened) };
    const socket = connect({ host: target.host, port: target.port, ...from });
    tally.opened++;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      sockets.delete(socket);
      if (!isStopping) tally.cut++;
    });
    socket.write(greeting);
    if (isDeaf) socket.pause();
    else
      socket.on('data', (chunk: Buffer) => {
        countStatuses(tally, chunk);
        onData?.(socket, chunk);
      });
  };
  let due = 0;
  const opening = setInterval(() => {
    due = Math.min(connections - sockets.size, due + (opensPerSecond * TICK_MS) / 1_000);
    for (; due >= 1; due--) open();
  }, TICK_MS);
  const dripping = setInterval(() => {
    if (drip !== undefined) for (const socket of sockets) if (!socket.destroyed) socket.write(drip);
  }, 1_000);
  return {
    sockets,
    stop: () => {
      isStopping = true;
      clearInterval(opening);
      clearInterval(dripping);
      for (const socket of sockets) socket.destroy();
    },
  };
};

/** Requests at a bounded rate over a few connections, with at most four on each that have no answer. */
export const startRequests = (
  options: Omit<CrowdOptions, 'greeting' | 'onData'> & {
    readonly request: string;
    readonly perSecond: number;
  },
): { stop: () => void } => {
  const waiting = new WeakMap<Socket, number>();
  const crowd = startCrowd({
    ...options,
    greeting: '',
    onData: (socket, chunk) => {
      const answers = chunk.toString('latin1').split('HTTP/1.1 ').length - 1;
      waiting.set(socket, Math.max(0, (waiting.get(socket) ?? 0) - answers));
    },
  });
  const sending = setInterval(() => {
    const share = Math.ceil((options.perSecond * TICK_MS) / 1_000 / Math.max(1, crowd.sockets.size));
    for (const socket of crowd.sockets) {
      const count = Math.min(share, PIPELINED - (waiting.get(socket) ?? 0));
      if (count <= 0 || socket.destroyed) continue;
      waiting.set(socket, (waiting.get(socket) ?? 0) + count);
      options.tally.sent += count;
      socket.write(options.request.repeat(count));
    }
  }, TICK_MS);
  return {
    stop: () => {
      clearInterval(sending);
      crowd.stop();
    },
  };
};
