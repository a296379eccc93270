import type { ProjectImage } from '@agentmix/act-core';
import type { Checkpoint, ProjectSettings, Task } from '@agentmix/act-contract';
import { defined } from '@agentmix/act-core';
import type { ArtifactRow, ProjectRows, TaskRow } from './rows.ts';

type TaskImage = ProjectImage['tasks'][number];

// JSON text in rows was written from these types by this store: parsing it gives them back.
export const checkpointOf = ({ checkpointJson }: TaskRow): Checkpoint | undefined =>
  checkpointJson === undefined ? undefined : (JSON.parse(checkpointJson) as Checkpoint);
export const resultOf = ({ resultJson }: TaskRow): Task['result'] =>
  resultJson === undefined ? undefined : (JSON.parse(resultJson) as Task['result']);
export const settingsOf = ({ project }: ProjectRows): ProjectSettings =>
  JSON.parse(project.settingsJson) as ProjectSettings;

export const isOpen = ({ status }: TaskRow): boolean => status !== 'completed' && status !== 'cancelled';

const taskImage = (row: TaskRow): TaskImage => {
  const { description: _description, checkpointJson: _checkpoint, resultJson: _result, ...plain } = row;
  return {
    ...defined(plain),
    requires: plain.requires.map((capability) => ({ ...capability })),
    filePaths: [...plain.filePaths],
    dependencies: [...plain.dependencies],
    ...(plain.settled ? { settled: { ...plain.settled } } : {}),
    ...defined({ checkpoint: checkpointOf(row), result: resultOf(row) }),
  };
};

/** Completed tasks of every agent by type, counted from the rows. */
export const completedCounts = (rows: ProjectRows): Map<string, Map<string, number>> => {
  const counts = new Map<string, Map<string, number>>();
  for (const { status, agentId, type } of rows.tasks.values()) {
    if (status !== 'completed' || agentId === undefined) continue;
    const own = counts.get(agentId) ?? new Map<string, number>();
    own.set(type, (own.get(type) ?? 0) + 1);
    counts.set(agentId, own);
  }
  return counts;
};

const spentByPhase = (rows: ProjectRows): Map<string, number> => {
  const spent = new Map<string, number>();
  for (const { status, phaseId, actualTime } of rows.tasks.values()) {
    if (status === 'completed' && phaseId !== undefined)
      spent.set(phaseId, (spent.get(phaseId) ?? 0) + (actualTime ?? 0));
  }
  return spent;
};

const agentImages = (rows: ProjectRows): ProjectImage['agents'] => {
  const completed = completedCounts(rows);
  return [...rows.agents.values()].map(({ lastSeen: _lastSeen, capabilities, failed, ...agent }) => ({
    ...agent,
    capabilities: capabilities.map((capability) => ({ ...capability })),
    failed: failed.map(([type, count]): [string, number] => [type, count]),
    completed: [...(completed.get(agent.id) ?? [])],
  }));
};

export const isStored = ({ status }: ArtifactRow): boolean => status === 'stored';

const artifactImage = (row: ArtifactRow): ProjectImage['artifacts'][number] => {
  const { id, name = '', mediaType = '', bytes, sha256 = '', agentId, taskId } = row;
  return { id, name, mediaType, bytes, sha256, ...defined({ agentId, taskId }) };
};

/** The project as its rows tell it, sharing nothing with them. */
export const loadImage = (rows: ProjectRows): ProjectImage => {
  const { settingsJson: _settings, ...project } = rows.project;
  const spent = spentByPhase(rows);
  const tasks = [...rows.tasks.values()];
  return {
    project: { ...project, settings: settingsOf(rows) },
    phases: [...rows.phases.values()].map((phase) => ({
      ...phase,
      dependencies: [...phase.dependencies],
      spent: spent.get(phase.id) ?? 0,
    })),
    agents: agentImages(rows),
    sessions: [...rows.liveSessions.values()].map(({ leaseUntil: _lease, endedAt: _ended, ...session }) => ({
      ...session,
      patterns: [...session.patterns],
    })),
    members: [...rows.members.values()]
      .filter(({ removedAt }) => removedAt === undefined)
      .map(({ changedAt: _changedAt, ...member }) => member),
    keys: [...rows.keys.values()].map(
      ({ secretHash: _hash, revokedAt: _at, lastUsedAt: _used, changedAt: _changedAt, ...key }) => key,
    ),
    tasks: tasks.filter(isOpen).map(taskImage),
    closedTasks: tasks.filter((task) => !isOpen(task)).map(({ id }) => id),
    taskKeys: tasks.flatMap(({ key, id }): [string, string][] => (key === undefined ? [] : [[key, id]])),
    assistance: [...rows.assistance.values()]
      .filter(({ status }) => status === 'open')
      .map(({ id, agentId, offeredTo }) => ({ id, agentId, offeredTo: [...offeredTo] })),
    conflicts: [...rows.conflicts.values()]
      .filter(({ status }) => status === 'open')
      .map((row) => ({
        id: row.id,
        type: row.conflictType,
        agents: [...row.involvedAgents],
        taskIds: [...row.taskIds],
        ...defined({
          place: row.place,
          question: structuredClone(row.question),
          deadline: row.deadline,
        }),
      })),
    artifacts: [...rows.artifacts.values()].filter(isStored).map(artifactImage),
    reservations: [...rows.reservations.values()].map((reservation) => structuredClone(reservation)),
    mainCommits: [...rows.mainCommits].toSorted(([, a], [, b]) => a - b).map(([commit]) => commit),
    worktrees: [...rows.worktrees.values()].map((worktree) => structuredClone(worktree)),
    told: [...rows.predictions.values()].map(({ seq: _seq, since: _since, ...conflict }) =>
      structuredClone(conflict),
    ),
    liveState: [...rows.liveState.values()].map(({ key, version }) => [key, version]),
  };
};
