import { artifactSteps, isPlainStep } from '@agentmix/act-core';
import type { Changes, Commit, PhaseState, TaskState } from '@agentmix/act-core';
import { worktreeRows } from './worktree-rows.ts';
import type { FramedEvent } from '@agentmix/act-contract';

type Row = Record<string, unknown>;
const iso = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : new Date(at).toISOString();

/** Rows of a batch by the keys that act.write_rows knows. */
export type RowSets = Record<string, Row | unknown[]>;

export const taskRow = (projectId: string, task: TaskState): Row => ({
  project_id: projectId,
  id: task.id,
  phase_id: task.phaseId,
  key: task.key,
  title: task.title,
  description_hash: task.descriptionHash,
  type: task.type,
  assigned_agent_id: task.agentId,
  session_id: task.sessionId,
  status: task.status,
  priority: task.priority,
  complexity_score: task.complexityScore,
  requires: task.requires,
  file_paths: task.filePaths,
  dependencies: task.dependencies,
  estimated_time: task.estimatedTime,
  actual_time: task.actualTime,
  epoch: task.epoch,
  attempts: task.attempts,
  percent: task.percent,
  note: task.note,
  checkpoint: task.checkpoint,
  blocked_reason: task.blockedReason,
  settled: task.settled,
  blocked_by: task.blockedBy,
  waiting_for: task.waitingFor,
  result: task.result,
  created_seq: task.order,
  created_at: iso(task.createdAt),
  started_at: iso(task.startedAt),
  claimed_at: iso(task.claimedAt),
  progressed_at: iso(task.progressedAt),
  asked_at: iso(task.askedAt),
  completed_at: iso(task.completedAt),
});

const phaseRow = (projectId: string, phase: PhaseState): Row => ({
  project_id: projectId,
  id: phase.id,
  key: phase.key,
  name: phase.name,
  description: phase.description,
  status: phase.status,
  owner_agent_id: phase.ownerAgentId,
  dependencies: phase.dependencies,
  estimated_effort: phase.estimatedEffort,
  actual_effort: phase.actualEffort,
  created_seq: phase.order,
  created_at: iso(phase.createdAt),
  started_at: iso(phase.startedAt),
  completed_at: iso(phase.completedAt),
});

const stateRows = ({ record, state, changes }: Commit): RowSets => {
  const projectId = record.projectId;
  const project = {
    id: projectId,
    name: state.name,
    description: state.description,
    status: state.status,
    settings: state.settings,
    created_at: iso(state.createdAt),
    updated_at: iso(state.updatedAt),
  };
  return {
    ...(changes.project ? { project, project_changed: project } : {}),
    phases: [...changes.phases.values()].map((phase) => phaseRow(projectId, phase)),
    agents: [...changes.agents.values()].map((agent) => ({
      project_id: projectId,
      id: agent.id,
      name: agent.name,
      kind: agent.kind,
      capabilities: agent.capabilities,
      status: agent.sessionId === undefined ? 'offline' : 'online',
      session_id: agent.sessionId,
      performance_metrics: { failed: Object.fromEntries(agent.failed) },
      registered_at: iso(agent.registeredAt),
      keys: agent.keys,
    })),
    sessions_opened: [...changes.opened.values()].map((session) => ({
      project_id: projectId,
      id: session.id,
      agent_id: session.agentId,
      lease_ms: session.leaseMs,
      patterns: session.patterns,
      started_at: iso(session.startedAt),
    })),
    sessions_changed: [...changes.patterns.values()].map(({ id, patterns }) => ({ id, patterns })),
    sessions_ended: [...changes.closed],
    messages: changes.letters.map((letter) => ({
      project_id: projectId,
      id: letter.id,
      sender_agent_id: letter.senderAgentId,
      sender_member_id: letter.senderMemberId,
      recipient_agent_id: letter.recipientAgentId,
      message_type: letter.messageType,
      urgency: letter.urgency,
      thread_id: letter.threadId,
      task_id: letter.taskId,
      content: letter.content,
      timestamp: iso(record.at),
    })),
  };
};

const coordinationRows = ({ record: { projectId }, changes }: Commit): RowSets => ({
  reservations: [...changes.reservations.values()].map((reservation) => ({
    project_id: projectId,
    id: reservation.id,
    session_id: reservation.sessionId,
    agent_id: reservation.agentId,
    path: reservation.path,
    pattern: reservation.pattern,
    ranges: reservation.ranges,
    base_hash: reservation.baseHash,
    mode: reservation.mode,
    task_id: reservation.taskId,
    reason: reservation.reason,
    status: reservation.status,
    epoch: reservation.epoch,
    since: iso(reservation.since),
    renewed_at: iso(reservation.renewedAt),
  })),
  reservations_ended: [...changes.endedReservations],
  main_commits: [...changes.mainCommits].map(([commit, seq]) => ({ project_id: projectId, commit, seq })),
  main_commits_forgotten: [...changes.forgottenCommits],
});

/** Last one wins where a batch touches a key twice: an upsert may not meet its own row again. */
const lastByKey = <T>(items: readonly T[], key: (item: T) => string): T[] => [
  ...new Map(items.map((item) => [key(item), item])).values(),
];

const accessRows = ({ record, changes }: Commit): RowSets => {
  const secrets = new Map(changes.secrets.map(({ keyId, secretHash }) => [keyId, secretHash]));
  const keys = [...changes.keys.values()].map((key) => ({
    id: key.id,
    member_id: key.memberId,
    label: key.label,
    role: key.role,
    secret_hash: secrets.get(key.id),
    created_at: iso(key.createdAt),
    expires_at: iso(key.expiresAt),
    revoked_at: key.isRevoked ? iso(record.at) : undefined,
  }));
  return {
    members: [...changes.members.values()].map((member) => ({
      id: member.id,
      kind: member.kind,
      role: member.role,
      agent_id: member.agentId,
      write_paths: member.writePaths,
      brought_by: member.broughtBy,
      created_at: iso(member.createdAt),
    })),
    // Erased ones among them: whoever was removed before is not removed again.
    members_removed: [...new Set([...changes.removedMembers, ...changes.erased])],
    members_erased: [...changes.erased],
    people: lastByKey(changes.names, ({ memberId }) => memberId).map(({ memberId, name }) => ({
      member_id: memberId,
      name,
    })),
    keys_created: keys.filter(({ id }) => secrets.has(id)),
    keys_changed: keys.filter(({ id, revoked_at }) => !secrets.has(id) || revoked_at !== undefined),
  };
};

const ofType = <T extends FramedEvent['type']>(
  changes: Changes,
  type: T,
): Extract<FramedEvent, { type: T }>[] =>
  changes.events.filter((event): event is Extract<FramedEvent, { type: T }> => event.type === type);

const fileRows = (projectId: string, at: number, changes: Changes): Row[] => {
  const rows = (['created', 'modified', 'deleted'] as const).flatMap((kind) =>
    ofType(changes, `file.${kind}`).map(({ seq, agentId, data }) => ({ seq, agentId, data, kind })),
  );
  rows.sort((a, b) => a.seq - b.seq);
  return lastByKey(rows, ({ data }) => data.path).map(({ agentId, data, kind }) => ({
    project_id: projectId,
    file_path: data.path,
    last_change: kind,
    agent_id: agentId,
    related_task_ids: [
      ...new Set(rows.filter((row) => row.data.path === data.path).flatMap((row) => row.data.taskId ?? [])),
    ],
    last_modified: iso(at),
    checksum: data.checksum,
  }));
};

const eventRows = ({ record, changes }: Commit): RowSets => {
  const projectId = record.projectId;
  const at = iso(record.at);
  const artifacts = artifactSteps(changes);
  const state = lastByKey(ofType(changes, 'state.updated'), ({ data }) => data.key);
  return {
    messages_read: ofType(changes, 'message.read').flatMap(({ agentId, data }) =>
      data.messageIds.map((id) => ({ id, recipient_agent_id: agentId })),
    ),
    assistance: ofType(changes, 'assistance.requested').map(({ agentId, data }) => ({
      project_id: projectId,
      id: data.requestId,
      agent_id: agentId,
      task_id: data.taskId,
      question: data.question,
      requires: data.requires,
      offered_to: data.offeredTo,
      status: 'open',
      created_at: at,
    })),
    assistance_changed: [
      ...ofType(changes, 'assistance.answered')
        .filter(({ data }) => data.accepted)
        .map(({ agentId, data }) => ({ id: data.requestId, status: 'accepted', accepted_by: agentId })),
      ...ofType(changes, 'assistance.closed').map(({ data }) => ({ id: data.requestId, status: 'closed' })),
    ],
    state: state
      .filter(({ data }) => !data.deleted)
      .map(({ agentId, data }) => ({
        project_id: projectId,
        key: data.key,
        value: data.value,
        version: data.version,
        agent_id: agentId,
        updated_at: at,
      })),
    state_deleted: state.filter(({ data }) => data.deleted).map(({ data }) => data.key),
    files: fileRows(projectId, record.at, changes),
    artifacts_stored: artifacts.stored.map(({ agentId, data }) => ({
      id: data.artifactId,
      bytes: data.bytes,
      sha256: data.sha256,
      name: data.name,
      media_type: data.mediaType,
      agent_id: agentId,
      task_id: data.taskId,
    })),
    artifacts_deleted: [...artifacts.deleted],
  };
};

const conflictRows = ({ record, changes }: Commit): RowSets => ({
  tasks_blocked: [...ofType(changes, 'task.blocked'), ...ofType(changes, 'task.unblocked')]
    .flatMap(({ data }) => changes.tasks.get(data.taskId) ?? [])
    .map(({ id, blockedBy, waitingFor }) => ({ id, blocked_by: blockedBy, waiting_for: waitingFor })),
  conflicts: ofType(changes, 'conflict.detected').map(({ data }) => ({
    project_id: record.projectId,
    id: data.conflictId,
    conflict_type: data.conflictType,
    involved_agents: data.involvedAgents,
    task_ids: data.taskIds,
    place: data.place,
    description: data.description,
    status: 'open',
    created_at: iso(record.at),
  })),
  conflicts_escalated: ofType(changes, 'conflict.escalated').map(
    ({ data: { conflictId, deadline, ...question } }) => ({ id: conflictId, question, deadline }),
  ),
  conflicts_resolved: ofType(changes, 'conflict.resolved').map(({ data }) => ({
    id: data.conflictId,
    resolution: data.resolution,
  })),
});

const taskIdOf = ({ data }: FramedEvent): string | undefined => ('taskId' in data ? data.taskId : undefined);

/** Splits a batch’s task rows: new ones, those that only took plain steps, and the rest. */
export const taskRows = ({ record, changes }: Commit): { plain: TaskState[]; sets: RowSets } => {
  const wide = new Set(changes.events.filter((event) => !isPlainStep(event)).map(taskIdOf));
  const descriptions = new Map<string, string>();
  for (const event of changes.events) {
    if (event.type !== 'task.created' && event.type !== 'task.updated') continue;
    if (event.data.description !== undefined) descriptions.set(event.data.taskId, event.data.description);
  }
  const created: Row[] = [];
  const changed: Row[] = [];
  const plain: TaskState[] = [];
  for (const task of changes.tasks.values()) {
    if (changes.created.has(task.id))
      created.push({ ...taskRow(record.projectId, task), description: descriptions.get(task.id) });
    else if (wide.has(task.id)) changed.push(taskRow(record.projectId, task));
    else plain.push(task);
  }
  const updated = [...descriptions]
    .filter(([id]) => !changes.created.has(id))
    .map(([id, description]) => ({ id, description }));
  return { plain, sets: { tasks_created: created, tasks_changed: changed, descriptions: updated } };
};

/** The JSON that act.write_rows takes, or nothing when the batch writes only plain steps. */
export const rowSets = (commit: Commit, tasks: RowSets): string | null => {
  const sets: RowSets = {
    ...tasks,
    ...stateRows(commit),
    ...coordinationRows(commit),
    ...eventRows(commit),
    ...conflictRows(commit),
    ...accessRows(commit),
    ...worktreeRows(commit),
  };
  const used = Object.entries(sets).filter(([, rows]) => !Array.isArray(rows) || rows.length > 0);
  return used.length === 0 ? null : JSON.stringify(Object.fromEntries(used));
};
