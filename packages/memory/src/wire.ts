import type * as contract from '@agentmix/act-contract';
import { defined } from '@agentmix/act-core';
import type { ReservationState } from '@agentmix/act-core';
import { checkpointOf, completedCounts, resultOf, settingsOf } from './load-image.ts';
import type * as r from './rows.ts';

const iso = (at: number): string => new Date(at).toISOString();
export const maybeIso = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : iso(at);
// JSON text in rows was written by this store from JSON values.
const json = (text: string): contract.Message['content'] => JSON.parse(text) as contract.Message['content'];

/** Rows as the contract shows them. */
export const wireProject = (rows: r.ProjectRows): contract.Project => {
  const { id, name, description, status, seq, createdAt, updatedAt } = rows.project;
  return {
    id,
    name,
    ...defined({ description }),
    status,
    settings: settingsOf(rows),
    seq,
    createdAt: iso(createdAt),
    updatedAt: iso(updatedAt),
  };
};

export const wirePhase = (row: r.PhaseRow): contract.Phase => {
  const { order: _order, createdAt: _createdAt, startedAt, completedAt, dependencies, ...phase } = row;
  return {
    ...phase,
    dependencies: [...dependencies],
    ...defined({ startedAt: maybeIso(startedAt), completedAt: maybeIso(completedAt) }),
  };
};

export const wireTask = (row: r.TaskRow): contract.Task => ({
  id: row.id,
  ...defined({ key: row.key, phaseId: row.phaseId, description: row.description }),
  title: row.title,
  type: row.type,
  status: row.status,
  priority: row.priority,
  ...defined({
    complexityScore: row.complexityScore,
    estimatedTime: row.estimatedTime,
    actualTime: row.actualTime,
  }),
  requires: row.requires.map((capability) => ({ ...capability })),
  filePaths: [...row.filePaths],
  dependencies: [...row.dependencies],
  ...defined({ assignedAgentId: row.agentId, sessionId: row.sessionId }),
  epoch: row.epoch,
  attempts: row.attempts,
  ...defined({
    percent: row.percent,
    note: row.note,
    checkpoint: checkpointOf(row),
    blockedReason: row.blockedReason,
    settled: row.settled && { ...row.settled },
    result: resultOf(row),
  }),
  createdAt: iso(row.createdAt),
  ...defined({ startedAt: maybeIso(row.startedAt), completedAt: maybeIso(row.completedAt) }),
});

/** Makes the wire form of agents: their status and figures come from the rows of sessions and tasks. */
export const agentWriter = (rows: r.ProjectRows): ((row: r.AgentRow) => contract.Agent) => {
  const working = new Set<string>();
  for (const { status, agentId } of rows.tasks.values())
    if (status === 'claimed' && agentId !== undefined) working.add(agentId);
  const completed = completedCounts(rows);
  return ({ registeredAt: _at, failed, lastSeen, capabilities, ...agent }) => {
    const lost = new Map(failed);
    const done = completed.get(agent.id) ?? new Map<string, number>();
    const types = [...new Set([...lost.keys(), ...done.keys()])];
    const isLive = agent.sessionId !== undefined && rows.liveSessions.has(agent.sessionId);
    return {
      ...agent,
      capabilities: capabilities.map((capability) => ({ ...capability })),
      status: !isLive ? 'offline' : working.has(agent.id) ? 'working' : 'idle',
      lastSeen: iso(lastSeen),
      performanceMetrics: Object.fromEntries(
        types.map((type) => [type, { completed: done.get(type) ?? 0, failed: lost.get(type) ?? 0 }]),
      ),
    };
  };
};

export const wireMessage = ({
  contentJson,
  at,
  readAt,
  erasedAt,
  senderMemberId: _senderMemberId,
  ...message
}: r.MessageRow): contract.Message => ({
  ...message,
  content: json(contentJson),
  timestamp: iso(at),
  ...defined({ readAt: maybeIso(readAt), erasedAt: maybeIso(erasedAt) }),
});

export const wireAssistance = ({
  createdAt,
  requires,
  offeredTo,
  ...row
}: r.AssistanceRow): contract.Assistance => ({
  ...row,
  requires: requires.map((capability) => ({ ...capability })),
  offeredTo: [...offeredTo],
  createdAt: iso(createdAt),
});

export const wireState = ({ valueJson, updatedAt, ...entry }: r.StateRow): contract.StateEntry => ({
  ...entry,
  value: json(valueJson),
  updatedAt: iso(updatedAt),
});

export const wireFile = ({ lastModified, relatedTaskIds, ...file }: r.FileRow): contract.FileWatch => ({
  ...file,
  relatedTaskIds: [...relatedTaskIds],
  lastModified: iso(lastModified),
});

export const wireArtifact = (row: r.ArtifactRow): contract.Artifact => {
  const { id, name = '', mediaType = '', bytes, sha256 = '', agentId, taskId, createdAt = 0 } = row;
  return { id, name, mediaType, bytes, sha256, ...defined({ agentId, taskId }), createdAt: iso(createdAt) };
};

export const wireReservation = ({ since, renewedAt, ...row }: ReservationState): contract.Reservation => ({
  ...defined(structuredClone(row)),
  since: iso(since),
  renewedAt: iso(renewedAt),
});

export const wirePrediction = ({ since, ...row }: r.PredictionRow): contract.Prediction => ({
  ...structuredClone(row),
  since: iso(since),
});

export const wireConflict = (row: r.ConflictRow): contract.Conflict => {
  const { createdAt, resolvedAt, resolutionJson, deadline, question, involvedAgents, taskIds, ...conflict } =
    row;
  return {
    ...conflict,
    involvedAgents: [...involvedAgents],
    taskIds: [...taskIds],
    ...defined({ question: structuredClone(question), deadline: maybeIso(deadline) }),
    ...(resolutionJson === undefined ? {} : { resolution: json(resolutionJson) }),
    createdAt: iso(createdAt),
    ...defined({ resolvedAt: maybeIso(resolvedAt) }),
  };
};

export const memberWriter =
  ({ people }: r.ProjectRows): ((row: r.MemberRow) => contract.Member) =>
  ({ changedAt: _changedAt, removedAt: _removedAt, createdAt, writePaths, ...member }) => ({
    ...member,
    ...defined({ name: people.get(member.id), writePaths: writePaths && [...writePaths] }),
    createdAt: iso(createdAt),
  });

export const wireKey = (row: r.KeyRow): contract.ApiKey => {
  const { id, memberId, label, role, createdAt, expiresAt, lastUsedAt, revokedAt } = row;
  return {
    id,
    memberId,
    ...defined({ label, role }),
    createdAt: iso(createdAt),
    ...defined({
      expiresAt: maybeIso(expiresAt),
      lastUsedAt: maybeIso(lastUsedAt),
      revokedAt: maybeIso(revokedAt),
    }),
  };
};
