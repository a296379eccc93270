import { keyStatement, toBase64Url } from '@agentmix/act-contract';
import type { AgentKeys, PublicKeys } from '@agentmix/act-contract';
import { generateSigningPair, isSignedBy, sign } from './ed25519.ts';
import { generateSealingPair } from './hpke.ts';

/** An agent’s two key pairs, 32 bytes each as base64url. Whoever has them reads its messages and writes as it. */
export interface AgentSecrets extends PublicKeys {
  readonly sealingSecret: string;
  readonly signingSecret: string;
}

export const makeAgentSecrets = async (): Promise<AgentSecrets> => {
  const { key, secret } = await generateSealingPair();
  return {
    sealingKey: toBase64Url(key),
    sealingSecret: toBase64Url(secret),
    ...(await generateSigningPair()),
  };
};

/** The signature that shows that an agent has the signing key, and binds the sealing key to it. */
export const proofOf = (projectId: string, agentId: string, secrets: AgentSecrets): Promise<string> =>
  sign(secrets, keyStatement(projectId, agentId, secrets));

/** Whether keys that a hub shows as an agent’s were put together by whoever has the signing key. */
export const isProven = (
  projectId: string,
  agentId: string,
  keys: Pick<AgentKeys, 'sealingKey' | 'signingKey' | 'proof'>,
): Promise<boolean> => isSignedBy(keys.signingKey, keyStatement(projectId, agentId, keys), keys.proof);
