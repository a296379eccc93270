export { openEnvelope, sealEnvelope } from './envelope.ts';
export type { SealedHeader } from './envelope.ts';
export { openBytes, sealBytes } from './hpke.ts';
export type { OpenInput, SealedBytes, SealInput } from './hpke.ts';
export { isProven, makeAgentSecrets, proofOf } from './keys.ts';
export type { AgentSecrets } from './keys.ts';
