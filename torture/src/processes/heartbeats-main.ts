import { setTimeout as sleep } from 'node:timers/promises';
import type { Socket } from 'socket.io-client';
import { percentile } from '../checkers/percentile.ts';
import { openSocket, socketCommand } from '../wire/socket.ts';
import type { RawCall } from '../wire/rest.ts';
import type { HeartbeatFigures, HeartbeatOrders } from './heartbeats.ts';

/** Heartbeats of many agents, so many a second, over a few connections that are opened again when they break. */
const orders = JSON.parse(process.argv[2] ?? '{}') as HeartbeatOrders;
const SOCKETS = 32;
/** The hub takes 256 calls of a connection at once. */
const WAITING_MAX = 250;
const EVERY_MS = 5;
const REOPEN_MS_MAX = 500;
const REGISTERED_AT_ONCE = 64;
const TIMES_MAX = 50_000;

interface Line {
  socket: Socket | undefined;
  waiting: number;
}

const lines: Line[] = [];
const beats: { readonly call: RawCall; readonly line: Line }[] = [];
const blank = () => ({ answered: 0, expired: 0, broken: 0, held: 0, times: [] as number[] });
let counted = blank();
let countedAt = performance.now();

const keepOpen = async (line: Line): Promise<void> => {
  for (;;) {
    const socket = await openSocket(orders).catch(() => undefined);
    if (socket) {
      line.socket = socket;
      await new Promise<void>((resolve) => socket.once('disconnect', () => resolve()));
      line.socket = undefined;
    }
    await sleep(REOPEN_MS_MAX * Math.random());
  }
};

const register = async (line: Line, projectId: string, number: number): Promise<void> => {
  while (!line.socket) await sleep(10);
  const { leaseMs } = orders;
  const input = { agentId: `beating-${number}`, leaseMs };
  const answer = await socketCommand(line.socket, { name: 'agent.register', projectId, input });
  if (answer.type !== 'ok') throw new Error(`not registered: ${JSON.stringify(answer)}`);
  const { sessionId } = answer.output as { sessionId: string };
  beats.push({ line, call: { name: 'agent.heartbeat', projectId, input: { sessionId } } });
};

const beat = async ({ line, call }: (typeof beats)[number]): Promise<void> => {
  const { socket } = line;
  if (!socket) return;
  if (line.waiting >= WAITING_MAX) return void counted.held++;
  line.waiting++;
  const started = performance.now();
  // The library ends it with an error when the connection breaks.
  const answer = await socketCommand(socket, call);
  line.waiting--;
  if (answer.type === 'ok') {
    counted.answered++;
    if (counted.times.length < TIMES_MAX) counted.times.push(performance.now() - started);
  } else if (answer.type === 'fail') counted.expired++;
  else counted.broken++;
};

const figures = (): HeartbeatFigures => {
  const { times, ...counts } = counted;
  const seconds = (performance.now() - countedAt) / 1_000;
  const perSecond = Math.round(counts.answered / seconds);
  return { kind: 'figures', ...counts, perSecond, p99Ms: percentile(times, 0.99) };
};

for (let at = 0; at < SOCKETS; at++) {
  const line: Line = { socket: undefined, waiting: 0 };
  lines.push(line);
  void keepOpen(line);
}
const wanted = orders.projectIds.flatMap((projectId) =>
  Array.from({ length: orders.sessions }, (_, number) => ({ projectId, number })),
);
for (let first = 0; first < wanted.length; first += REGISTERED_AT_ONCE)
  await Promise.all(
    wanted
      .slice(first, first + REGISTERED_AT_ONCE)
      .map(({ projectId, number }, at) => register(lines[at % SOCKETS] as Line, projectId, number)),
  );
let rate = orders.perSecond;
let [startedAt, sent] = [performance.now(), 0];
setInterval(() => {
  for (; sent < ((performance.now() - startedAt) / 1_000) * rate; sent++) {
    const one = beats[sent % beats.length];
    if (one) void beat(one);
  }
}, EVERY_MS);
process.on(
  'message',
  (message: { readonly kind: 'count' } | { readonly kind: 'rate'; perSecond: number }) => {
    if (message.kind === 'count') process.send?.(figures());
    else [rate, startedAt, sent] = [message.perSecond, performance.now(), 0];
    counted = blank();
    countedAt = performance.now();
  },
);
process.on('disconnect', () => process.exit(0));
process.send?.({ kind: 'started' });
