import { KeyRefused, StoreUnavailable } from '@agentmix/act-core';
import type { KeyProvider, WrappedKey } from '@agentmix/act-core';

/** What a data key is for: wrapped for one file, it is refused at another. */
const contextOf = (projectId: string, artifactId: string): string => `artifact ${projectId} ${artifactId}`;

/** A provider that does not answer is met again later; one that refuses is not. */
const reached = <T>(asked: Promise<T>): Promise<T> =>
  asked.catch((error: unknown) => {
    if (error instanceof KeyRefused) throw error;
    throw new StoreUnavailable('the master key cannot be reached', { cause: error });
  });

export const wrapFor = (
  keys: KeyProvider,
  projectId: string,
  artifactId: string,
  dataKey: Uint8Array,
): Promise<WrappedKey> => reached(keys.wrap(dataKey, contextOf(projectId, artifactId)));

/** The data key of a file. Throws KeyRefused where no master key here made it for this file. */
export const unwrapFor = (
  keys: KeyProvider,
  projectId: string,
  artifactId: string,
  key: WrappedKey,
): Promise<Uint8Array> => reached(keys.unwrap(key, contextOf(projectId, artifactId)));
