import { ARTIFACT_CONTENT_PATH, artifactUpload, OCTET_STREAM } from '@agentmix/act-contract';
import { makeDeadline } from '../deadline.ts';
import { HEADERS, ROOT_PATH } from '../wire/names.ts';
import { refusedAnswer } from '../wire/problem.ts';
import type { Answer } from '../wire/problem.ts';
import { fillPath } from '../wire/request.ts';
import type { Speaker } from '../wire/speaker.ts';
import type { OpenedSource } from './source.ts';

export interface ContentPlace {
  readonly projectId: string;
  readonly artifactId: string;
}

/** Nothing moved for so long: the connection is dead, whatever it says. */
const SILENCE_MS = 30_000;

export const contentTarget = (place: ContentPlace): string =>
  ROOT_PATH + fillPath(ARTIFACT_CONTENT_PATH, { ...place });

/** Aborts when it was not touched for SILENCE_MS, or with its parents. */
export const makeSilenceLimit = (
  parents: readonly (AbortSignal | undefined)[],
): { signal: AbortSignal; touch: () => void; dispose: () => void } => {
  const whole = makeDeadline(Number.POSITIVE_INFINITY, parents);
  const silent = (): void => whole.abort();
  let timer = setTimeout(silent, SILENCE_MS);
  return {
    signal: whole.signal,
    touch: () => {
      clearTimeout(timer);
      timer = setTimeout(silent, SILENCE_MS);
    },
    dispose: () => {
      clearTimeout(timer);
      whole.dispose();
    },
  };
};

/** `sha256`, where the hub took everything: the hash of what was sent, made here. */
export type Sent = { readonly kind: 'sent'; readonly sha256: string } | Exclude<Answer, { kind: 'ok' }>;

/** Sends a file’s bytes once, as fast as the hub takes them. Throws what broke the connection or the source. */
export const sendContent = async (
  speaker: Speaker,
  place: ContentPlace,
  source: OpenedSource,
  signals: readonly (AbortSignal | undefined)[],
): Promise<Sent> => {
  const { createHash } = await import('node:crypto');
  const hash = createHash('sha256');
  const limit = makeSilenceLimit(signals);
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const part of source.read()) {
      hash.update(part);
      limit.touch();
      yield part;
    }
  }
  const body = hashed();
  try {
    await speaker.beHeard(limit.signal);
    const response = await speaker.send(contentTarget(place), {
      method: artifactUpload.method,
      headers: {
        'content-type': OCTET_STREAM,
        'content-length': String(source.bytes),
      },
      signal: limit.signal,
      ...(source.bytes === 0 ? {} : { body: ReadableStream.from(body), duplex: 'half' as const }),
    });
    const text = await response.text();
    return response.status === 200
      ? { kind: 'sent', sha256: hash.digest('hex') }
      : refusedAnswer(response.status, text, response.headers.get(HEADERS.retryAfter));
  } finally {
    limit.dispose();
  }
};
