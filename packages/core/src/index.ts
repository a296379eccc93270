export { checkCaller, maySpeakAs } from './access.ts';
export type { Caller } from './access.ts';
export { decide } from './decide.ts';
export type { LaneCommand, LaneCommandName } from './decide.ts';
export type { Accepted, Decision, DecisionContext } from './decide/decision.ts';
export { evolve } from './evolve.ts';
export { answer } from './answer.ts';
export {
  artifactSteps,
  canDefer,
  isPlainStep,
  noChanges,
  predictionSteps,
  touchesAccess,
} from './changes.ts';
export type { Changes, Letter, PersonName, Secret } from './changes.ts';
export { emptyState, isClosed, DEFAULT_SETTINGS, GENESIS_HASH } from './state.ts';
export type {
  AgentState,
  ArtifactState,
  ConflictState,
  KeyState,
  MemberState,
  PhaseState,
  ProjectState,
  SessionState,
  TaskState,
} from './state.ts';
export { derivedOf, imageOf, restore } from './image.ts';
export type { ProjectImage } from './image.ts';
export { defined } from './defined.ts';
export { fingerprint } from './fingerprint.ts';
export type { Board, Bus, LiveState, Whisper, Whispers } from './shared.ts';
export { KeyRefused, StoreRejected, StoreUnavailable } from './ports.ts';
export type {
  AccessStore,
  ArtifactStore,
  Credential,
  CommandRecord,
  Commit,
  CommitOutcome,
  EventTopic,
  Flush,
  KeyProvider,
  LeaseOfSession,
  Loaded,
  LogPart,
  LogRecord,
  NotUploaded,
  RefreshFamily,
  RefreshGrant,
  RefreshOutcome,
  RefreshTokenStore,
  RelayLease,
  RelayMove,
  RelayStore,
  RetentionStore,
  SigningKey,
  SigningKeyStore,
  SealedArtifact,
  Store,
  Turn,
  Upload,
  UploadWanted,
  StoredQueryName,
  WrappedKey,
} from './ports.ts';
export { DEFAULT_ESTIMATE_MINUTES } from './assignment/assignment-index.ts';
export { WEIGHTS } from './assignment/compatibility.ts';
export type { ReservationState } from './reservations/book.ts';
export { taskView } from './task-view.ts';
export { hearRefusal } from './conflict/contention.ts';
export { hear, hearContent, makeHeard, makeTalk } from './talk.ts';
export type { Heard, Talk } from './talk.ts';
export { touch, touches } from './file-range/touches.ts';
export type { LineRange } from './file-range/touches.ts';
export { collisionOf, conflicts } from './file-range/collision.ts';
export type { CollisionKind, FileChange, Hunk } from './file-range/collision.ts';
export { changeSet, collisions } from './file-range/collisions.ts';
export type { ChangeSet, Collision } from './file-range/collisions.ts';
export { causeOf } from './predictions/predictions.ts';
export type { PredictedConflict } from './predictions/predictions.ts';
export { worktreeImage } from './predictions/worktree.ts';
export type { WorktreeImage, WorktreeState } from './predictions/worktree.ts';
