import type { PublicKeys } from '@agentmix/act-contract';
import { makeAgentSecrets } from './keys.ts';
import type { AgentSecrets } from './keys.ts';
import { makeSeenIds } from './seen-ids.ts';
import type { SeenIds } from './seen-ids.ts';

/** Another agent as it is known here: the keys it is trusted by, and which of its messages were opened. */
export interface Peer {
  keys: PublicKeys;
  readonly seen: SeenIds;
}

/** An agent’s secrets and what it knows of others. `key-file.ts` keeps one on disk. */
export interface Keyring {
  readonly secrets: AgentSecrets;
  /** By `<projectId>/<agentId>`. */
  readonly peers: Map<string, Peer>;
  /** Called after each change, and awaited before a message’s content is given out. */
  readonly save?: () => Promise<void>;
}

/** A keyring in memory: after a restart messages to it can no longer be opened. */
export const makeKeyring = async (secrets?: AgentSecrets): Promise<Keyring> => ({
  secrets: secrets ?? (await makeAgentSecrets()),
  peers: new Map(),
});

const nameOf = (projectId: string, agentId: string): string => `${projectId}/${agentId}`;

export const peerOf = (keyring: Keyring, projectId: string, agentId: string): Peer | undefined =>
  keyring.peers.get(nameOf(projectId, agentId));

/** From now on these are the agent’s keys; messages signed or sealed with others are not taken. */
export const pin = (
  keyring: Keyring,
  projectId: string,
  agentId: string,
  { sealingKey, signingKey }: PublicKeys,
): Peer => {
  const known = peerOf(keyring, projectId, agentId);
  const peer: Peer = { keys: { sealingKey, signingKey }, seen: known?.seen ?? makeSeenIds() };
  keyring.peers.set(nameOf(projectId, agentId), peer);
  return peer;
};

export const isSameKeys = (one: PublicKeys, other: PublicKeys): boolean =>
  one.sealingKey === other.sealingKey && one.signingKey === other.signingKey;
