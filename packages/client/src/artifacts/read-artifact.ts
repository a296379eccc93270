import { artifactDownload } from '@agentmix/act-contract';
import type { Artifact } from '@agentmix/act-contract';
import { ActDamaged, ActUnavailable } from '../errors.ts';
import type { Hub } from '../hub.ts';
import { refused } from '../result.ts';
import type { Result } from '../result.ts';
import { refusedAnswer } from '../wire/problem.ts';
import { contentTarget, makeSilenceLimit } from './send-content.ts';
import type { ContentContext } from './store-artifact.ts';

/** What is known of a stored file, and its bytes. */
export interface ReadArtifact {
  readonly artifact: Artifact;
  /**
   * The bytes as they come, read once. Throws ActDamaged at its end when they are not those that were stored, or not
   * all of them: whatever was done with them then has to be undone.
   */
  readonly content: AsyncIterable<Uint8Array>;
}

const unavailable = (what: string, cause?: unknown): ActUnavailable =>
  new ActUnavailable(what, { attempts: 1, elapsedMs: 0, ...(cause === undefined ? {} : { cause }) });

async function* verified(
  artifact: Artifact,
  body: AsyncIterable<Uint8Array>,
  limit: ReturnType<typeof makeSilenceLimit>,
): AsyncGenerator<Uint8Array> {
  const { createHash } = await import('node:crypto');
  const hash = createHash('sha256');
  try {
    for await (const part of body) {
      limit.touch();
      hash.update(part);
      yield part;
    }
  } catch (cause) {
    throw new ActDamaged(`file ${artifact.id} broke off before its end`, { cause });
  } finally {
    limit.dispose();
  }
  if (hash.digest('hex') !== artifact.sha256)
    throw new ActDamaged(`file ${artifact.id} is not what was stored`);
}

async function* none(): AsyncGenerator<Uint8Array> {}

/** See `Hub.readArtifact`. */
export const readArtifact = async (
  { speaker, closed }: ContentContext,
  hub: Pick<Hub, 'query'>,
  projectId: string,
  artifactId: string,
  signal: AbortSignal | undefined,
): Promise<Result<ReadArtifact>> => {
  const known = await hub.query('artifact.get', projectId, { artifactId }, signal ? { signal } : {});
  if (!known.ok) return known;
  const limit = makeSilenceLimit([signal, closed]);
  try {
    const response = await speaker.send(contentTarget({ projectId, artifactId }), {
      method: artifactDownload.method,
      signal: limit.signal,
    });
    if (response.status === 200) {
      const content = verified(known.value, response.body ?? none(), limit);
      return { ok: true, value: { artifact: known.value, content } };
    }
    const answer = refusedAnswer(response.status, await response.text(), null);
    limit.dispose();
    if (answer.kind === 'refused') return refused(answer.refusal);
    throw unavailable(`${response.status} without a problem document`);
  } catch (error) {
    limit.dispose();
    signal?.throwIfAborted();
    if (error instanceof ActUnavailable) throw error;
    throw unavailable(`file ${artifactId} could not be asked for`, error);
  }
};
