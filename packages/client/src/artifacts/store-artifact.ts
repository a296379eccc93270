import type { CommandArguments } from '@agentmix/act-contract';
import { uuidv7 } from 'uuidv7';
import { backoffMs } from '../backoff.ts';
import type { RetryPolicy } from '../backoff.ts';
import { makeDeadline, sleep } from '../deadline.ts';
import { ActUnavailable } from '../errors.ts';
import type { Hub } from '../hub.ts';
import { refused } from '../result.ts';
import type { Result } from '../result.ts';
import { mayPass } from '../wire/problem.ts';
import type { Speaker } from '../wire/speaker.ts';
import { sendContent } from './send-content.ts';
import type { ContentPlace, Sent } from './send-content.ts';
import { openSource } from './source.ts';
import type { ArtifactSource, OpenedSource } from './source.ts';

type Told = Omit<CommandArguments<'artifact.store'>, 'artifactId' | 'bytes' | 'sha256' | 'name'>;

export interface StoreOptions extends Told {
  /** What people call it; absent: the last part of the path. */
  readonly name?: string;
  /** A UUIDv7 of the caller’s, so that a repetition after a crash finds what was stored; absent: made here. */
  readonly artifactId?: string;
  /** How many bytes a stream will deliver. */
  readonly bytes?: number;
  readonly signal?: AbortSignal;
}

/** A file that is visible to its project now. */
export interface StoredArtifact {
  readonly artifactId: string;
  readonly bytes: number;
  /** Made here, and found the same by the hub. */
  readonly sha256: string;
}

export interface ContentContext {
  readonly speaker: Speaker;
  readonly retry: RetryPolicy;
  readonly closed: AbortSignal;
}

const hashOf = async (source: OpenedSource): Promise<string> => {
  const { createHash } = await import('node:crypto');
  const hash = createHash('sha256');
  for await (const part of source.read()) hash.update(part);
  return hash.digest('hex');
};

const isFinal = (sent: Sent): boolean =>
  sent.kind === 'sent' || (sent.kind === 'refused' && !mayPass(sent.status));

/** Sends the bytes until the hub has them or refuses them; a stream, which cannot be read again, once. */
const sendUntilAnswered = async (
  { speaker, retry, closed }: ContentContext,
  place: ContentPlace,
  source: OpenedSource,
  signal: AbortSignal | undefined,
): Promise<Result<string>> => {
  const started = performance.now();
  const whole = makeDeadline(Number.POSITIVE_INFINITY, [signal, closed]);
  try {
    for (let attempts = 1; ; attempts++) {
      let cause: unknown;
      let sent: Sent | undefined;
      try {
        sent = await sendContent(speaker, place, source, [whole.signal]);
      } catch (error) {
        whole.signal.throwIfAborted();
        cause = error;
      }
      if (sent?.kind === 'sent') return { ok: true, value: sent.sha256 };
      if (sent && isFinal(sent) && sent.kind === 'refused') return refused(sent.refusal);
      const elapsedMs = performance.now() - started;
      if (!source.isRepeatable || elapsedMs > retry.totalMs)
        throw new ActUnavailable(`the file was not received after ${attempts} attempts`, {
          attempts,
          elapsedMs,
          ...(sent?.kind === 'refused' ? { refusal: sent.refusal } : {}),
          ...(cause === undefined ? {} : { cause }),
        });
      await sleep(backoffMs(retry, attempts, sent?.retryAfterMs), whole.signal);
    }
  } finally {
    whole.dispose();
  }
};

/** Sends a file’s bytes, then has it made visible: see `Hub.storeArtifact`. */
export const storeArtifact = async (
  context: ContentContext,
  hub: Pick<Hub, 'command'>,
  projectId: string,
  given: ArtifactSource,
  options: StoreOptions,
): Promise<Result<StoredArtifact>> => {
  const { artifactId = uuidv7(), bytes, name, signal, ...told } = options;
  const source = await openSource(given, bytes);
  const shown = name ?? source.name;
  if (shown === undefined) throw new TypeError('name is missing');
  const place = { projectId, artifactId };
  const sent = await sendUntilAnswered(context, place, source, signal);
  // Stored under this id already: perhaps by this very call, before a crash. The hub judges whether it is the same.
  const isKnown = !sent.ok && sent.refusal.code === 'duplicate_id' && source.isRepeatable;
  if (!sent.ok && !isKnown) return sent;
  const sha256 = sent.ok ? sent.value : await hashOf(source);
  const file = { artifactId, bytes: source.bytes, sha256 };
  const result = await hub.command(
    'artifact.store',
    projectId,
    { ...told, ...file, name: shown },
    signal ? { signal } : {},
  );
  return result.ok ? { ...result, value: file } : result;
};
