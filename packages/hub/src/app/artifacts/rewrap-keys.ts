import type { CommandOutput } from '@agentmix/act-contract';
import { KeyRefused } from '@agentmix/act-core';
import type { ArtifactStore, KeyProvider, WrappedKey } from '@agentmix/act-core';
import { unwrapFor, wrapFor } from './master-key.ts';

const REWRAPPED_MAX = 500;

const wrapAnew = async (
  keys: KeyProvider,
  projectId: string,
  artifactId: string,
  key: WrappedKey,
): Promise<WrappedKey | undefined> => {
  try {
    return await wrapFor(keys, projectId, artifactId, await unwrapFor(keys, projectId, artifactId, key));
  } catch (error) {
    if (error instanceof KeyRefused) return undefined;
    throw error;
  }
};

/**
 * Wraps data keys of a project anew under the current master key, at most 500, from the one after an id. The files
 * stay as they are. A key that was replaced or deleted meanwhile counts as neither rewrapped nor refused.
 */
export const rewrapKeys = async (
  store: ArtifactStore,
  keys: KeyProvider,
  projectId: string,
  after: string | undefined,
): Promise<CommandOutput<'artifact.rewrap'>> => {
  const keyId = keys.currentKeyId;
  const old = await store.keysToRewrap(projectId, keyId, after, REWRAPPED_MAX);
  let [rewrapped, refused] = [0, 0];
  for (const { artifactId, key } of old) {
    const wrapped = await wrapAnew(keys, projectId, artifactId, key);
    if (!wrapped) refused++;
    else if (await store.replaceKey(projectId, artifactId, key, wrapped)) rewrapped++;
  }
  const next = old.length === REWRAPPED_MAX ? old.at(-1)?.artifactId : undefined;
  return { keyId, rewrapped, refused, ...(next === undefined ? {} : { next }) };
};
