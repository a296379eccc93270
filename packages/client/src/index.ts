export { createAgent } from './agent/create-agent.ts';
export type { AgentOptions } from './agent/create-agent.ts';
export type {
  ActAgent,
  AgentID,
  AgentStatus,
  Assistance,
  AssistanceAnswer,
  AssistanceRequest,
  Block,
  CapabilityArguments,
  Failure,
  FileChange,
  FileEvent,
  HolderOptions,
  MessageDraft,
  Progress,
  ProjectUpdate,
  Release,
  TaskID,
} from './agent/types.ts';
export type {
  InboxMessage,
  OpenedMessage,
  OpenFlaw,
  SealedCalls,
  SealedDraft,
  SealFlaw,
  SentSealed,
} from './sealed/types.ts';
export type { ReadArtifact } from './artifacts/read-artifact.ts';
export type { ArtifactSource } from './artifacts/source.ts';
export type { StoredArtifact, StoreOptions } from './artifacts/store-artifact.ts';
export { makeAuditWatcher } from './audit/audit-watcher.ts';
export type {
  AuditChecked,
  AuditFinding,
  AuditWatcherOptions,
  HeadKeeper,
  KeptHead,
} from './audit/audit-watcher.ts';
export { CHAIN_START, ChainVerifier, verifyChain } from './audit/verify-chain.ts';
export type { Break, ChainEnd, Sha256, Verified, VerifyOptions } from './audit/verify-chain.ts';
export { readHead } from './audit/verify-head.ts';
export { RETRY_DEFAULT } from './backoff.ts';
export type { RetryPolicy } from './backoff.ts';
export type { CallOptions } from './call-hub.ts';
export { ActDamaged, ActRefused, ActUnavailable } from './errors.ts';
export { connectHub } from './hub.ts';
export type { EventsOptions, Hub, HubOptions } from './hub.ts';
export type { OpenTelemetryApi } from './trace.ts';
export type { Result } from './result.ts';
export { makeKeyring } from './sealed/keyring.ts';
export type { Keyring, Peer } from './sealed/keyring.ts';
export { makeAgentSecrets } from './sealed/keys.ts';
export type { AgentSecrets } from './sealed/keys.ts';
export type { SeenIds } from './sealed/seen-ids.ts';
export type { Snapshot, StreamItem } from './stream/follow.ts';
export type {
  ActEvent,
  AgentKeys,
  Artifact,
  AuditHead,
  AuditKey,
  AuditRecord,
  Capability,
  Checkpoint,
  Claim,
  CommandArguments,
  CommandName,
  CommandOutput,
  EventType,
  PublicKeys,
  QueryArguments,
  QueryName,
  QueryOutput,
  Refusal,
  RefusalCode,
  Task,
} from '@agentmix/act-contract';
