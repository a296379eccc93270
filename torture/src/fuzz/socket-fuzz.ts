import fc from 'fast-check';
import type { Socket } from 'socket.io-client';
import { openSocket } from '../wire/socket.ts';
import type { Address } from '../wire/rest.ts';
import { drawn } from './drawn.ts';
import type { FuzzSizes } from './drawn.ts';
import { hostileText, hostileValue } from './hostile.ts';
import { offered } from './rest-fuzz.ts';
import { anyInput } from './values.ts';
import type { Ids } from './values.ts';
import { HANG_MS } from './verdicts.ts';
import type { Verdicts } from './verdicts.ts';

interface Emitted {
  readonly event: string;
  readonly payload: readonly unknown[];
  /** Whether the message has the form that is always acknowledged. */
  readonly isCall: boolean;
}

/** Names of the library's and Node's own events, those the client lets through. */
const INTERNAL_EVENTS = [
  'error',
  '__proto__',
  'constructor',
  'end',
  'close',
  'data',
  'connection',
  'frame',
  'ping',
  '',
];

const withoutWaiting = (input: unknown): unknown =>
  typeof input === 'object' && input !== null && 'waitMs' in input ? { ...input, waitMs: 20 } : input;

const callsOf = (definition: (typeof offered)[number], ids: Ids): fc.Arbitrary<Emitted> => {
  const projectId = fc.oneof(
    {
      weight: 9,
      arbitrary: fc.nat().map((at) => ids.get('projectId')?.[at % (ids.get('projectId')?.length ?? 1)]),
    },
    { weight: 1, arbitrary: hostileValue },
  );
  const message = fc.record({ input: anyInput(definition.input, ids), projectId }).map((fields) => ({
    name: definition.name,
    projectId: fields.projectId,
    input: withoutWaiting(fields.input),
  }));
  return message.map((one) => ({ event: definition.kind, payload: [one], isCall: true }));
};

const strange = (ids: Ids): fc.Arbitrary<Emitted> =>
  fc.record({
    event: fc.oneof(
      fc.constantFrom('command', 'query', 'subscribe', 'unsubscribe', ...INTERNAL_EVENTS),
      hostileText.map((text) => text.slice(0, 200)),
    ),
    payload: fc.array(
      fc.oneof(
        hostileValue,
        fc.record({ projectId: fc.constantFrom(...(ids.get('projectId') ?? [''])), after: hostileValue }),
        fc.record({
          name: hostileValue,
          projectId: hostileValue,
          input: hostileValue,
          commandId: hostileValue,
        }),
        fc.constant(0).map(() => Buffer.from('bytes')),
      ),
      { maxLength: 3 },
    ),
    isCall: fc.constant(false),
  });

/** Emits and waits for the acknowledgement, as long as one has to come. */
const emit = (socket: Socket, { event, payload, isCall }: Emitted): Promise<unknown> =>
  new Promise((resolve) => {
    const timer = setTimeout(
      () => resolve(isCall && socket.connected ? 'hung' : undefined),
      isCall ? HANG_MS * 2 : 5,
    );
    socket.once('disconnect', () => resolve(undefined));
    socket.emit(event, ...payload, (answer: unknown) => {
      clearTimeout(timer);
      resolve(answer);
    });
  });

interface Acknowledged {
  readonly ok?: boolean;
  readonly output?: unknown;
  readonly problem?: { readonly status: number; readonly retryAfter?: number };
}

/** The same over Socket.IO: calls of the contract, and events that nobody has announced. */
export const fuzzSocket = async (
  address: Address,
  ids: Ids,
  verdicts: Verdicts,
  sizes: FuzzSizes,
  onAnswer: (name: string, text: string) => void,
): Promise<void> => {
  const { atOnce } = sizes;
  const arbitraries = [...offered.map((definition) => callsOf(definition, ids)), strange(ids), strange(ids)];
  let socket = await openSocket(address);
  for (const batch of drawn(arbitraries, sizes)) {
    verdicts.inputs += batch.length;
    for (let first = 0; first < batch.length; first += atOnce) {
      if (!socket.connected) {
        socket.disconnect();
        socket = await openSocket(address);
      }
      await Promise.all(
        batch.slice(first, first + atOnce).map(async (emitted) => {
          const started = performance.now();
          const answer = await emit(socket, emitted);
          const what = `${emitted.event} ${JSON.stringify(emitted.payload).slice(0, 400)}`;
          if (answer === 'hung') return verdicts.hung(what);
          if (typeof answer !== 'object' || answer === null) return;
          const { ok, problem, output } = answer as Acknowledged;
          const text = JSON.stringify(answer);
          const status = ok ? 200 : (problem?.status ?? 0);
          // What the REST door says in a header stands in the problem's name here: `overloaded` and `unavailable`.
          verdicts.judge(what, { status, text, hasRetryAfter: true, ms: performance.now() - started });
          if (ok && output !== undefined) onAnswer(emitted.event, text);
        }),
      );
      socket.removeAllListeners('disconnect');
    }
  }
  socket.disconnect();
};
