import fc from 'fast-check';
import { HOSTILE_TEXTS } from './hostile.ts';
import { exchange } from './raw-bytes.ts';
import type { Verdicts } from './verdicts.ts';

const AT_ONCE = 16;

const LINES = [
  'GET /v1/projects HTTP/1.1',
  'POST /v1/projects HTTP/1.1',
  'GET /v1/projects HTTP/1.0',
  'GET /v1/projects HTTP/2.0',
  'GET  /v1/projects HTTP/1.1',
  'GET /v1/projects',
  'get /v1/projects HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'CONNECT 127.0.0.1:22 HTTP/1.1',
  'TRACE / HTTP/1.1',
  'PRI * HTTP/2.0',
  'GET http://evil.test/v1/projects HTTP/1.1',
  'GET //evil.test/%2e%2e/v1 HTTP/1.1',
  'GET /v1/projects/%ff%fe%00 HTTP/1.1',
  'GET /v1/projects/%zz HTTP/1.1',
  'GET /docs/static/..%2f..%2f..%2fpackage.json HTTP/1.1',
  'GET /v1/projects?limit=1&limit=2&limit[]=3&__proto__[a]=1 HTTP/1.1',
  `GET /${'a/'.repeat(4_000)} HTTP/1.1`,
  `GET /v1/projects?${'a=1&'.repeat(3_000)} HTTP/1.1`,
];
const headersOf = (token: string): readonly string[] => [
  'Host: 127.0.0.1',
  'Host: 127.0.0.1\r\nHost: evil.test',
  `Authorization: Bearer ${token}`,
  'Authorization: Bearer',
  'Content-Length: 5',
  'Content-Length: -5',
  'Content-Length: 5, 5',
  'Content-Length: 99999999999999999999',
  'Content-Length: 0x5',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: chunked, chunked',
  'Transfer-Encoding: xchunked',
  'Transfer-Encoding : chunked',
  'Content-Type: application/json',
  'Content-Type: application/json; charset="',
  'Content-Encoding: gzip',
  'Expect: 100-continue',
  'Expect: evil',
  'Connection: Upgrade\r\nUpgrade: h2c',
  'Range: bytes=0-0,0-0,0-0',
  'If-None-Match: *',
  'Last-Event-ID: -1',
  'Accept: text/event-stream',
  `X-Long: ${'a'.repeat(20_000)}`,
  'X-Many: 1\r\n'.repeat(300).trim(),
  ' folded: header',
  'no colon',
  ': no name',
  'X-Null: a\0b',
];
const BODIES = [
  '',
  'hello',
  '{"name":"x"}',
  '5\r\nhello\r\n0\r\n\r\n',
  'ffffffffffffffff\r\nhello',
  '-1\r\nhello\r\n0\r\n\r\n',
  '5;ext="\r\nhello\r\n0\r\n\r\n',
  '0\r\nTrailer: x\r\n\r\nGET /v1 HTTP/1.1\r\nHost: evil.test\r\n\r\n',
  ...HOSTILE_TEXTS.slice(0, 12),
];

const requestBytes = (token: string): fc.Arbitrary<Buffer> =>
  fc
    .record({
      line: fc.constantFrom(...LINES),
      headers: fc.subarray([...headersOf(token)], { maxLength: 6 }),
      body: fc.constantFrom(...BODIES),
      end: fc.constantFrom('\r\n', '\r\n', '\r\n', '\n', '\r'),
      flips: fc.array(fc.record({ at: fc.nat(), byte: fc.nat(255) }), { maxLength: 3 }),
    })
    .map(({ line, headers, body, end, flips }) => {
      const bytes = Buffer.from([line, ...headers, '', body].join(end));
      for (const { at, byte } of flips) bytes[at % bytes.length] = byte;
      return bytes;
    });

/** Bytes that are nearly HTTP. */
export const fuzzHttp = async (
  port: number,
  token: string,
  verdicts: Verdicts,
  { count, seed }: { readonly count: number; readonly seed: number },
): Promise<void> => {
  for (let done = 0; done < count; done += AT_ONCE) {
    const requests = fc.sample(requestBytes(token), { seed: seed + done, numRuns: AT_ONCE });
    verdicts.inputs += requests.length;
    await Promise.all(
      requests.map(async (bytes) => {
        const text = await exchange(port, [bytes]);
        const status = Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0);
        const hasRetryAfter = /^retry-after:/im.test(text);
        verdicts.judge(bytes.toString('latin1'), { status, text, hasRetryAfter, ms: 0 }, false);
      }),
    );
  }
};
