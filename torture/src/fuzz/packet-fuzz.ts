import fc from 'fast-check';
import { HOSTILE_JSON } from './hostile.ts';
import { handshakeOf } from '../floods/websocket.ts';
import { exchange, frame } from './raw-bytes.ts';
import type { Verdicts } from './verdicts.ts';

const AT_ONCE = 16;
const NAMESPACES = 10_000;

/** Packets of Engine.IO and Socket.IO that no client library sends. */
const PACKETS: readonly string[] = [
  '',
  '0',
  '0{}',
  '1',
  '2',
  '2probe',
  '3',
  '5',
  '6',
  '7',
  '9',
  'b',
  'bAAAA',
  '4',
  '40',
  '40/evil,{}',
  '40/__proto__,{}',
  '41',
  '42',
  '42[]',
  '42[1]',
  '42[null]',
  '42[{}]',
  '42{}',
  '42["command"',
  '42["connect"]',
  '42["disconnect"]',
  '42["disconnecting"]',
  '42["connect_error"]',
  '42["newListener"]',
  '42["removeListener"]',
  '42["error"]',
  '42["__proto__",{}]',
  '42["command",{"name":"__proto__"}]',
  '42["command",{"name":"constructor","projectId":[],"input":null}]',
  '4299999999999999999999["query",{}]',
  '42-1["query",{}]',
  '421e9["query",{}]',
  '43',
  '430[]',
  '4399999[1]',
  '430[{"ok":true}]',
  '44',
  '44{}',
  '44"x"',
  '45',
  '451-["command",{"_placeholder":true,"num":0}]',
  '4510-["command",{"_placeholder":true,"num":99}]',
  '451-["command",{"_placeholder":true,"num":-1}]',
  '451-["command",{"_placeholder":true,"num":"splice"}]',
  '45999999999-["command"]',
  '45-1-["command"]',
  '451.5-["command"]',
  '451-',
  '461-[{"_placeholder":true,"num":0}]',
  '47',
  '48',
  '4[',
  '4null',
  ...HOSTILE_JSON.flatMap((json) => [
    `42["command",${json}]`,
    `42["query",{"name":"project.list","input":${json}}]`,
  ]),
];

/** Frames that break the rules of WebSocket itself. */
const framesOf = (packet: string, kind: number): Buffer[] => {
  switch (kind) {
    case 0:
      return [frame(2, packet)];
    case 1:
      return [frame(1, packet, 2n ** 63n - 1n)];
    case 2:
      return [frame(1, packet, 10_000_000n)];
    case 3:
      return [frame(1, Buffer.from([0xff, 0xfe, 0x80]))];
    case 4:
      return [frame(9, packet.padEnd(200, 'x'))];
    case 5:
      return [frame(8, Buffer.from([0, 0]))];
    case 6:
      return [frame(3, packet), frame(0, packet)];
    case 7:
      return [Buffer.from([0x81, 5]), Buffer.from(packet)];
    default:
      return [frame(1, packet)];
  }
};

const session = (token: string): fc.Arbitrary<Buffer[]> =>
  fc
    .record({
      hasToken: fc.boolean(),
      packets: fc.array(
        fc.record({
          packet: fc.oneof(
            { weight: 8, arbitrary: fc.constantFrom(...PACKETS) },
            { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 100 }).map((text) => `4${text}`) },
            { weight: 1, arbitrary: fc.string({ maxLength: 100 }) },
          ),
          kind: fc.nat(30),
        }),
        { minLength: 1, maxLength: 20 },
      ),
    })
    .map(({ hasToken, packets }) => [
      ...(hasToken ? [frame(1, `40${JSON.stringify({ token })}`)] : []),
      ...packets.flatMap(({ packet, kind }) => framesOf(packet, kind)),
    ]);

/** Ten thousand namespaces, binary packets whose attachments never come, a flood of acknowledgements nobody asked for. */
const floods = (token: string): Buffer[][] => {
  const connected = frame(1, `40${JSON.stringify({ token })}`);
  const many = (count: number, packet: (at: number) => string): Buffer[] => [
    connected,
    Buffer.concat(Array.from({ length: count }, (_, at) => frame(1, packet(at)))),
  ];
  return [
    many(NAMESPACES, (at) => `40/n${at},{}`),
    many(NAMESPACES, (at) => `43${at}[null]`),
    many(NAMESPACES, () => '2'),
    many(500, (at) => `42${at}["query",{"name":"project.list","input":{}}]`),
    many(300, (at) => `42${at}["subscribe",{"projectId":"0000000${at}"}]`),
    [connected, frame(1, '4510-["command",{"_placeholder":true,"num":0}]'), frame(2, Buffer.alloc(500_000))],
  ];
};

/** Speaks to the Socket.IO door in raw frames: so many packets, in sessions of up to twenty. */
export const fuzzPackets = async (
  port: number,
  token: string,
  verdicts: Verdicts,
  { count, seed }: { readonly count: number; readonly seed: number },
): Promise<void> => {
  const judge = async (frames: readonly Buffer[]): Promise<void> => {
    verdicts.inputs += frames.length;
    const text = await exchange(port, [handshakeOf(), ...frames]);
    verdicts.judge(`packets ${frames.length}`, { status: 101, text, hasRetryAfter: false, ms: 0 }, false);
  };
  for (let done = 0, round = 0; done < count; round++) {
    const sessions = fc.sample(session(token), { seed: seed + round, numRuns: AT_ONCE });
    await Promise.all(sessions.map(judge));
    done += sessions.reduce((sum, { length }) => sum + length, 0);
  }
  for (const flood of floods(token)) await judge(flood);
};
