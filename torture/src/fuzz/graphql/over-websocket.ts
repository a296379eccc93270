import fc from 'fast-check';
import { setTimeout as sleep } from 'node:timers/promises';
import { openGraphqlSocket } from '../../wire/graphql-socket.ts';
import type { GraphqlMessage } from '../../wire/graphql-socket.ts';
import type { Address } from '../../wire/rest.ts';
import type { FuzzSizes } from '../drawn.ts';
import { HOSTILE_JSON, hostileText, hostileValue } from '../hostile.ts';
import type { Ids } from '../values.ts';
import { HANG_MS } from '../verdicts.ts';
import type { Verdicts } from '../verdicts.ts';
import { followOf, malformed, operationsOf } from './operations.ts';
import type { Sent } from './operations.ts';

const MESSAGES_MAX = 20;
/** Close codes that say the hub failed. */
const DEFECTS = new Set([1011, 4500]);
const TYPES = [
  'connection_init',
  'ping',
  'pong',
  'subscribe',
  'complete',
  'next',
  'error',
  'connection_ack',
  '__proto__',
  '',
];
const PING = '{"type":"ping","payload":{"last":true}}';

interface Message {
  readonly text: string | Buffer;
  /** The operation that has to come to an end, where the message starts one that has. */
  readonly id?: string;
}

const json = (value: unknown): string => JSON.stringify(value) ?? 'null';

/** Messages of one connection behind its first: operations, and one in ten that breaks the protocol or is none. */
const messagesOf = (ids: Ids): fc.Arbitrary<readonly Message[]> => {
  const started = (sent: fc.Arbitrary<Sent>, ends: boolean): fc.Arbitrary<Message> =>
    fc.record({ payload: sent, id: fc.uuid() }).map(({ payload, id }) => ({
      text: json({ id, type: 'subscribe', payload }),
      ...(ends ? { id } : {}),
    }));
  const operations = fc.oneof(...operationsOf(ids).map(({ sent }) => started(sent, true)));
  const refused = fc.oneof(...malformed.map(({ sent }) => started(sent, true)));
  const broken: fc.Arbitrary<Message> = fc
    .record(
      {
        type: fc.oneof(fc.constantFrom(...TYPES), hostileValue),
        id: fc.oneof(fc.constantFrom('1', '2'), hostileValue),
        payload: hostileValue,
      },
      { requiredKeys: ['type'] },
    )
    .map((message) => ({ text: json(message) }));
  const none = fc
    .oneof(fc.constantFrom(...HOSTILE_JSON), hostileText, fc.constant('x'.repeat(2_000_000)))
    .map((text) => ({ text }));
  const binary = fc.uint8Array({ maxLength: 100 }).map((bytes) => ({ text: Buffer.from(bytes) }));
  const one = fc.oneof(
    { weight: 300, arbitrary: operations },
    { weight: 40, arbitrary: started(followOf(ids), false) },
    { weight: 4, arbitrary: refused },
    { weight: 4, arbitrary: broken },
    { weight: 1, arbitrary: none },
    { weight: 1, arbitrary: binary },
  );
  return fc.array(one, { minLength: 1, maxLength: MESSAGES_MAX });
};

const firstOf = (token: string): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 20, arbitrary: fc.constant(json({ type: 'connection_init', payload: { token } })) },
    { weight: 1, arbitrary: hostileValue.map((payload) => json({ type: 'connection_init', payload })) },
    {
      weight: 1,
      arbitrary: hostileValue.map((given) => json({ type: 'connection_init', payload: { token: given } })),
    },
  );

/** Says all of it at once when its token was taken, and waits until every operation has ended and a ping is answered, or the hub closes. */
const talk = async (
  address: Address,
  first: string,
  messages: readonly Message[],
  verdicts: Verdicts,
  onAnswer: (text: string) => void,
): Promise<void> => {
  const socket = await openGraphqlSocket(address.url);
  const started = performance.now();
  const texts = new Map(
    messages.flatMap(({ id, text }) => (id === undefined ? [] : [[id, String(text)] as const])),
  );
  const open = new Set(texts.keys());
  const sayAll = (): void => {
    for (const { text } of messages) socket.send(text);
    socket.send(PING);
  };
  let isAnswered = false;
  const ended = new Promise<void>((resolve) => {
    socket.once('close', (code: number) => {
      if (DEFECTS.has(code))
        verdicts.judge(json(messages), { status: code, text: '', hasRetryAfter: false, ms: 0 });
      resolve();
    });
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      const { type, id = '' } = JSON.parse(text) as GraphqlMessage;
      const ms = performance.now() - started;
      if (type === 'next' || type === 'error') {
        verdicts.judgeInside(texts.get(id) ?? 'events', { status: 200, text, hasRetryAfter: true, ms });
        if (type === 'next') onAnswer(text);
      }
      if (type === 'connection_ack') sayAll();
      if (type === 'complete' || type === 'error') open.delete(id);
      if (type === 'pong') isAnswered = true;
      if (isAnswered && open.size === 0) resolve();
    });
  });
  socket.send(first);
  const late = sleep(HANG_MS * 2, 'late' as const);
  if ((await Promise.race([ended, late])) === 'late') verdicts.hung(texts.get([...open][0] ?? '') ?? first);
  socket.terminate();
};

/** Sends so many messages over WebSockets to /graphql, up to twenty over each. */
export const fuzzGraphqlSockets = async (
  address: Address,
  ids: Ids,
  verdicts: Verdicts,
  { count, seed, atOnce }: FuzzSizes,
  onAnswer: (name: string, text: string) => void,
): Promise<void> => {
  const talks = fc.record({ first: firstOf(address.token), messages: messagesOf(ids) });
  for (let done = 0, round = 0; done < count; round++) {
    const drawn = fc.sample(talks, { seed: seed + round, numRuns: atOnce });
    const sent = drawn.reduce((sum, { messages }) => sum + messages.length, 0);
    verdicts.inputs += sent;
    done += sent;
    await Promise.all(
      drawn.map(({ first, messages }) =>
        talk(address, first, messages, verdicts, (text) => onAnswer('graphql', text)),
      ),
    );
  }
};
