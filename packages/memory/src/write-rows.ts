import { defined } from '@agentmix/act-core';
import type { AgentState, Changes, Commit, PhaseState, SessionState, TaskState } from '@agentmix/act-core';
import { writeAccessRows } from './write-access-rows.ts';
import { writeErasures } from './privacy.ts';
import { writeWorktreeRows } from './worktrees.ts';
import { writeEventRows } from './write-event-rows.ts';
import type { AgentRow, PhaseRow, ProjectRow, ProjectRows, SessionRow, TaskRow } from './rows.ts';

const taskRow = (task: TaskState, description: string | undefined): TaskRow => {
  const {
    waitingOn: _waitingOn,
    dependents: _dependents,
    level: _level,
    urgency: _urgency,
    checkpoint,
    result,
    ...plain
  } = task;
  const row: TaskRow = {
    ...defined(plain),
    requires: plain.requires.map(({ name, level }) => ({ name, level })),
    filePaths: [...plain.filePaths],
    dependencies: [...plain.dependencies],
  };
  if (plain.settled) row.settled = { ...plain.settled };
  if (checkpoint !== undefined) row.checkpointJson = JSON.stringify(checkpoint);
  if (result !== undefined) row.resultJson = JSON.stringify(result);
  if (description !== undefined) row.description = description;
  return row;
};

const phaseRow = (phase: PhaseState): PhaseRow => {
  const { open: _open, dependents: _dependents, spent: _spent, ...plain } = phase;
  return { ...plain, dependencies: [...plain.dependencies] };
};

const agentRow = (agent: AgentState, lastSeen: number): AgentRow => ({
  id: agent.id,
  name: agent.name,
  ...defined({ kind: agent.kind, sessionId: agent.sessionId }),
  capabilities: agent.capabilities.map(({ name, level }) => ({ name, level })),
  registeredAt: agent.registeredAt,
  lastSeen,
  ...(agent.keys ? { keys: { ...agent.keys } } : {}),
  failed: [...agent.failed],
});

const sessionRow = (session: SessionState, clock: number): SessionRow => ({
  id: session.id,
  agentId: session.agentId,
  leaseMs: session.leaseMs,
  startedAt: session.startedAt,
  leaseUntil: clock + session.leaseMs,
  patterns: [...session.patterns],
});

export const projectRow = ({ state, record }: Commit): ProjectRow => ({
  id: state.id,
  name: state.name,
  ...defined({ description: state.description }),
  status: state.status,
  settingsJson: JSON.stringify(state.settings),
  seq: record.lastSeq,
  hash: record.hash,
  createdAt: state.createdAt,
  updatedAt: state.updatedAt,
});

/** Descriptions are in events only: the state does not keep them. */
const describedIn = (changes: Changes): Map<string, string> => {
  const described = new Map<string, string>();
  for (const event of changes.events) {
    if (event.type !== 'task.created' && event.type !== 'task.updated') continue;
    if (event.data.description !== undefined) described.set(event.data.taskId, event.data.description);
  }
  return described;
};

const writeSessions = (rows: ProjectRows, changes: Changes, at: number, clock: number): void => {
  for (const session of changes.opened.values()) {
    const row = sessionRow(session, clock);
    rows.sessions.set(row.id, row);
    rows.liveSessions.set(row.id, row);
  }
  for (const { id, patterns } of changes.patterns.values()) {
    const row = rows.sessions.get(id);
    if (row) row.patterns = [...patterns];
  }
  for (const id of changes.closed) {
    const row = rows.liveSessions.get(id);
    if (row) row.endedAt = at;
    rows.liveSessions.delete(id);
  }
};

/** Writes the rows that a commit names, from the state as it is after the batch. */
export const writeRows = (rows: ProjectRows, commit: Commit, clock: number): void => {
  const { changes, record } = commit;
  if (changes.project) {
    delete rows.project.description;
    Object.assign(rows.project, projectRow(commit));
  }
  rows.project.seq = record.lastSeq;
  rows.project.hash = record.hash;
  for (const phase of changes.phases.values()) rows.phases.set(phase.id, phaseRow(phase));
  const described = describedIn(changes);
  for (const task of changes.tasks.values())
    rows.tasks.set(task.id, taskRow(task, described.get(task.id) ?? rows.tasks.get(task.id)?.description));
  for (const agent of changes.agents.values()) {
    const isHere = agent.sessionId !== undefined && changes.opened.has(agent.sessionId);
    const lastSeen = isHere ? clock : (rows.agents.get(agent.id)?.lastSeen ?? clock);
    rows.agents.set(agent.id, agentRow(agent, lastSeen));
  }
  writeSessions(rows, changes, record.at, clock);
  writeAccessRows(rows, changes, record.at, clock);
  for (const id of changes.endedReservations) rows.reservations.delete(id);
  for (const reservation of changes.reservations.values())
    rows.reservations.set(reservation.id, structuredClone(reservation));
  for (const commit of changes.forgottenCommits) rows.mainCommits.delete(commit);
  for (const [commit, seq] of changes.mainCommits) rows.mainCommits.set(commit, seq);
  writeWorktreeRows(rows, changes, record.at);
  writeEventRows(rows, changes, record.at);
  writeErasures(rows, changes, record.at);
};
