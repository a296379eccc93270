import type { ReservationState } from './reservations/book.ts';
import { putReservation } from './reservations/book.ts';
import { causeOf } from './predictions/predictions.ts';
import type { PredictedConflict } from './predictions/predictions.ts';
import { addTold } from './predictions/told.ts';
import { worktreeImage, worktreeOf } from './predictions/worktree.ts';
import type { WorktreeImage } from './predictions/worktree.ts';
import type {
  AgentState,
  ArtifactState,
  AssistanceState,
  ConflictState,
  KeyState,
  MemberState,
  PhaseState,
  ProjectState,
  SessionState,
} from './state.ts';
import { addSupply, propagate } from './assignment/assignment-index.ts';
import type { Shelf } from './assignment/known-work.ts';
import { attachMember } from './evolve/access.ts';
import { attachPhase } from './evolve/phase.ts';
import { defined } from './defined.ts';
import { attach } from './evolve/task.ts';
import { emptyState, makeTask } from './state.ts';
import type { TaskImage } from './state.ts';

type PhaseImage = Omit<PhaseState, 'open' | 'dependents'>;
type CountsByType = [type: string, count: number][];
type AgentImage = Omit<AgentState, 'failed' | 'completed'> & {
  failed: CountsByType;
  completed: CountsByType;
};
type SessionImage = Omit<SessionState, 'held'>;

/** A project as rows hold it: nothing derived, so that a state can be built from a database and compared with one folded from events. */
export interface ProjectImage {
  readonly project: Pick<
    ProjectState,
    'id' | 'seq' | 'hash' | 'name' | 'status' | 'settings' | 'createdAt' | 'updatedAt'
  > & { description?: string };
  readonly phases: PhaseImage[];
  readonly agents: AgentImage[];
  readonly sessions: SessionImage[];
  readonly members: MemberState[];
  readonly keys: KeyState[];
  readonly tasks: TaskImage[];
  readonly closedTasks: string[];
  readonly taskKeys: [key: string, id: string][];
  readonly assistance: AssistanceState[];
  readonly conflicts: ConflictState[];
  readonly liveState: [key: string, version: number][];
  readonly artifacts: ArtifactState[];
  readonly reservations: ReservationState[];
  /** The newest last. */
  readonly mainCommits: string[];
  readonly worktrees: WorktreeImage[];
  /** Conflicts between them that stand. */
  readonly told: PredictedConflict[];
}

/** Builds the state, derived structures included. */
export const restore = (image: ProjectImage): ProjectState => {
  const state = Object.assign(emptyState(image.project.id), image.project);
  for (const phase of image.phases) attachPhase(state, { ...phase, open: new Set(), dependents: new Set() });
  for (const phase of image.phases)
    for (const id of phase.dependencies) state.phases.get(id)?.dependents.add(phase.id);
  for (const agent of image.agents) {
    state.agents.set(agent.id, {
      ...agent,
      failed: new Map(agent.failed),
      completed: new Map(agent.completed),
    });
  }
  for (const session of image.sessions) {
    const live = { ...session, held: new Set<string>() };
    state.sessions.set(session.id, live);
    addSupply(state, live);
  }
  for (const member of image.members) attachMember(state, member);
  for (const key of image.keys) state.keys.set(key.id, key);
  for (const id of image.closedTasks) state.closedTasks.add(id);
  for (const [key, id] of image.taskKeys) state.taskIdsByKey.set(key, id);
  const tasks = image.tasks.map(makeTask);
  // All tasks first: a task attached before its dependency would not be counted as waiting for it.
  for (const task of tasks) state.tasks.set(task.id, task);
  for (const task of tasks) {
    attach(state, task);
    if (task.sessionId !== undefined) state.sessions.get(task.sessionId)?.held.add(task.id);
  }
  propagate(
    state,
    tasks.map(({ id }) => id),
  );
  for (const request of image.assistance) state.assistance.set(request.id, request);
  for (const conflict of image.conflicts) state.conflicts.set(conflict.id, conflict);
  for (const [key, version] of image.liveState) state.liveState.set(key, version);
  for (const artifact of image.artifacts) state.artifacts.set(artifact.id, artifact);
  for (const commit of image.mainCommits) state.mainCommits.add(commit);
  // The queue’s order is that of its epochs.
  for (const reservation of image.reservations.toSorted((a, b) => a.epoch - b.epoch))
    putReservation(state.reservations, reservation);
  for (const worktree of image.worktrees) state.worktrees.set(worktree.key, worktreeOf(worktree));
  for (const conflict of image.told) addTold(state.told, conflict);
  return state;
};

const byId = <T extends { id: string }>(items: Iterable<T>): T[] =>
  [...items].sort((a, b) => (a.id < b.id ? -1 : 1));

const byKey = <K extends string | number, T>(entries: Iterable<readonly [K, T]>): (readonly [K, T])[] =>
  [...entries].sort(([a], [b]) => (a < b ? -1 : 1));

const pairs = <T>(entries: Iterable<readonly [string, T]>): [string, T][] =>
  byKey(entries).map(([key, value]) => [key, value]);

/** The canonical image of a state: everything that rows must hold, in a fixed order. */
export const imageOf = (state: ProjectState): ProjectImage => ({
  project: {
    id: state.id,
    seq: state.seq,
    hash: state.hash,
    name: state.name,
    ...(state.description === undefined ? {} : { description: state.description }),
    status: state.status,
    settings: state.settings,
    createdAt: state.createdAt,
    updatedAt: state.updatedAt,
  },
  phases: byId(state.phases.values()).map(({ open: _open, dependents: _dependents, ...phase }) => phase),
  agents: byId(state.agents.values()).map((agent) => ({
    ...agent,
    failed: pairs(agent.failed),
    completed: pairs(agent.completed),
  })),
  sessions: byId(state.sessions.values()).map(({ held: _held, ...session }) => session),
  members: byId(state.members.values()),
  keys: byId(state.keys.values()),
  tasks: byId(state.tasks.values()).map(
    ({ waitingOn: _w, dependents: _d, level: _l, urgency: _u, ...task }) => defined(task),
  ),
  closedTasks: [...state.closedTasks].sort(),
  taskKeys: pairs(state.taskIdsByKey),
  assistance: byId(state.assistance.values()),
  conflicts: byId(state.conflicts.values()).map((conflict) => defined(conflict)),
  liveState: pairs(state.liveState),
  artifacts: byId(state.artifacts.values()).map((artifact) => defined(artifact)),
  reservations: byId(state.reservations.byId.values()).map((reservation) => defined(reservation)),
  mainCommits: [...state.mainCommits],
  worktrees: byKey(state.worktrees).map(([, worktree]) => worktreeImage(worktree)),
  told: [...state.told.values()]
    .flatMap((paths) => [...paths.values()])
    .toSorted((a, b) => (causeOf(a) < causeOf(b) ? -1 : 1)),
});

const idsByKey = <K extends string | number>(shelf: Shelf<K>) =>
  byKey(shelf).map(([key, tasks]) => [key, byId(tasks instanceof Set ? tasks : [tasks]).map(({ id }) => id)]);

/** The derived part, for comparing an incrementally kept state with a rebuilt one. */
export const derivedOf = (state: ProjectState): unknown => ({
  tasks: byId(state.tasks.values()).map((task) => [
    task.id,
    task.waitingOn,
    [...task.dependents].sort(),
    task.level,
    task.urgency,
    task.titleKey,
  ]),
  phases: byId(state.phases.values()).map((phase) => [
    phase.id,
    [...phase.open].sort(),
    [...phase.dependents].sort(),
  ]),
  sessions: byId(state.sessions.values()).map((session) => [session.id, [...session.held].sort()]),
  demands: byKey(state.index.demands).map(([key, { minutes, count, ready }]) => [
    key,
    minutes,
    count,
    ready.all().map(({ id }) => id),
  ]),
  supplies: byKey(state.index.supplies).map(([key, { sessions }]) => [key, [...sessions].sort()]),
  claimed: [state.index.claimed, ...state.index.claimedByUrgency],
  blocked: byKey(state.index.blocked).map(([agentId, tasks]) => [agentId, [...tasks].sort()]),
  byTitle: idsByKey(state.index.work.byTitle),
  heldByPath: idsByKey(state.index.work.heldByPath),
  queue: [...state.reservations.queue].map(([sessionId, wanted]) => [sessionId, [...wanted.keys()].sort()]),
  files: [...state.reservations.byPath.keys()].sort(),
});
