import type fc from 'fast-check';
import { Agent, request as open } from 'node:http';
import type { OutgoingHttpHeaders } from 'node:http';
import type { Address } from '../wire/rest.ts';
import { drawn } from './drawn.ts';
import type { FuzzSizes } from './drawn.ts';
import { HANG_MS } from './verdicts.ts';
import type { Answer, Verdicts } from './verdicts.ts';

export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly body: string | undefined;
}

/** Requests of one kind, by the name that its answers are known by. */
export interface Kind {
  readonly name: string;
  readonly requests: fc.Arbitrary<Sent>;
}

/** Who follows a project over GraphQL is answered without end: so long it is listened to. */
const STREAM_MS = 30;

/** One request over a connection that is kept; undefined when the hub closed it without an answer. */
const sendHttp = (
  url: string,
  agent: Agent,
  { method, path, headers, body }: Sent,
): Promise<Answer | 'hung' | undefined> =>
  new Promise((resolve) => {
    const started = performance.now();
    const request = open(url, { agent, method, path, headers, timeout: HANG_MS * 2 }, (response) => {
      const chunks: Buffer[] = [];
      const answered = (): void =>
        resolve({
          status: response.statusCode ?? 0,
          text: Buffer.concat(chunks).toString(),
          hasRetryAfter: response.headers['retry-after'] !== undefined,
          ms: performance.now() - started,
        });
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      // Cut off in mid-answer: no answer.
      response.on('error', () => resolve(undefined));
      response.on('end', answered);
      const isStream = response.headers['content-type']?.startsWith('text/event-stream') === true;
      if (!isStream || path !== '/graphql') return;
      setTimeout(() => {
        answered();
        response.destroy();
      }, STREAM_MS);
    });
    request.on('timeout', () => {
      resolve('hung');
      request.destroy();
    });
    request.on('error', () => resolve(undefined));
    request.end(body);
  });

/** Sends so many requests, some at once; `onAnswer` hears what came of each that was answered with 200. */
export const fuzzHttp = async (
  { url, token }: Address,
  kinds: readonly Kind[],
  verdicts: Verdicts,
  sizes: FuzzSizes,
  judge: (what: string, answer: Answer) => void,
  onAnswer: (name: string, text: string) => void,
): Promise<void> => {
  const { atOnce } = sizes;
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const arbitraries = kinds.map(({ name, requests }) => requests.map((sent) => ({ name, sent })));
  for (const batch of drawn(arbitraries, sizes)) {
    verdicts.inputs += batch.length;
    for (let first = 0; first < batch.length; first += atOnce)
      await Promise.all(
        batch.slice(first, first + atOnce).map(async ({ name, sent }) => {
          const headers = { ...sent.headers, authorization: `Bearer ${token}` };
          const answer = await sendHttp(url, agent, { ...sent, headers });
          const what = `${sent.method} ${sent.path} ${sent.body ?? ''}`;
          if (answer === 'hung') verdicts.hung(what);
          else if (answer) {
            judge(what, answer);
            if (answer.status === 200) onAnswer(name, answer.text);
          }
        }),
      );
  }
  agent.destroy();
};
