import { ARTIFACTS_MAX, includesRole } from '@agentmix/act-contract';
import type { Caller } from '../access.ts';
import { defined } from '../defined.ts';
import type { ArtifactState, ProjectState, SessionState } from '../state.ts';
import { accept, isRefused, refuse, sessionOf } from './decision.ts';
import type { Decide } from './decision.ts';

const bytesStored = (state: ProjectState): number => {
  let sum = 0;
  for (const { bytes } of state.artifacts.values()) sum += bytes;
  return sum;
};

const isSame = (known: ArtifactState, told: Omit<ArtifactState, 'id'>): boolean =>
  known.name === told.name &&
  known.mediaType === told.mediaType &&
  known.bytes === told.bytes &&
  known.sha256 === told.sha256 &&
  known.agentId === told.agentId &&
  known.taskId === told.taskId;

/**
 * Whether the bytes are there is not in the state: the store judges that when it commits, as it judges leases. Said
 * twice, the same changes nothing.
 */
export const storeArtifact: Decide<'artifact.store'> = (state, input) => {
  const { artifactId, sessionId, ...told } = input;
  const session = sessionId === undefined ? undefined : sessionOf(state, sessionId);
  if (session && isRefused(session)) return session;
  const agentId = session?.agentId;
  const known = state.artifacts.get(artifactId);
  if (known) {
    const isRepeated = isSame(known, { ...told, agentId, taskId: told.taskId });
    return isRepeated ? accept() : refuse('duplicate_id', 'another file is stored under this id');
  }
  const { taskId } = told;
  if (taskId !== undefined && !state.tasks.has(taskId) && !state.closedTasks.has(taskId))
    return refuse('task_not_found', `no task ${taskId}`);
  if (state.artifacts.size >= ARTIFACTS_MAX)
    return refuse('limit_reached', `at most ${ARTIFACTS_MAX} stored files`);
  const { artifactBytesMax } = state.settings;
  if (bytesStored(state) + told.bytes > artifactBytesMax)
    return refuse('limit_reached', `at most ${artifactBytesMax} bytes of stored files`, { artifactBytesMax });
  return accept({
    type: 'artifact.stored',
    ...defined({ agentId }),
    data: { artifactId, ...defined(told) },
  });
};

/** Whether a file may be deleted: by its agent’s session or member, and without a session by a coordinator or the hub. */
const mayDelete = (
  state: ProjectState,
  { agentId }: ArtifactState,
  session: SessionState | undefined,
  caller: Caller | undefined,
): boolean => {
  if (session) return session.agentId === agentId;
  if (!caller || includesRole(caller.role, 'coordinator')) return true;
  return agentId !== undefined && state.members.get(caller.memberId)?.agentId === agentId;
};

export const deleteArtifact: Decide<'artifact.delete'> = (state, { artifactId, sessionId }, { caller }) => {
  const session = sessionId === undefined ? undefined : sessionOf(state, sessionId);
  if (session && isRefused(session)) return session;
  const artifact = state.artifacts.get(artifactId);
  if (!artifact) return refuse('artifact_not_found', `no stored file ${artifactId}`);
  if (!mayDelete(state, artifact, session, caller))
    return refuse('not_your_artifact', undefined, defined({ storedBy: artifact.agentId }));
  return accept({
    type: 'artifact.deleted',
    ...defined({ agentId: session?.agentId }),
    data: { artifactId },
  });
};
