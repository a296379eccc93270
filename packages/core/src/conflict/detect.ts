import { NOTE_CHARS_MAX } from '@agentmix/act-contract';
import type { NewEvent } from '@agentmix/act-contract';
import { defined } from '../defined.ts';
import type { DecisionContext } from '../decide/decision.ts';
import type { ConflictState, ProjectState } from '../state.ts';
import { circleOf, newWaits } from './deadlock.ts';
import { mayMismatch, mismatchIn } from './mismatch.ts';
import type { SameWork } from './same-work.ts';
import { sceneAfter } from './scene.ts';
import type { After, Scene } from './scene.ts';
import { judged } from './settle-conflicts.ts';

export const OPEN_CONFLICTS_MAX = 1_000;

type Context = Pick<DecisionContext, 'now' | 'newId'>;

/** The event of a conflict and what follows from it at once: a resolution, or a question. */
export const raise = (
  state: ProjectState,
  conflict: Omit<ConflictState, 'id'>,
  description: string,
  { now, newId }: Context,
  scene: Scene = state,
): NewEvent[] => {
  const { type: conflictType, agents, taskIds, place } = conflict;
  const conflictId = newId();
  const detected: NewEvent = {
    type: 'conflict.detected',
    data: {
      conflictId,
      conflictType,
      involvedAgents: [...agents],
      taskIds: [...taskIds],
      ...defined({ place }),
      description,
    },
  };
  return [detected, ...judged(state, { ...conflict, id: conflictId }, now, scene)];
};

type Raise = (conflict: Omit<ConflictState, 'id'>, description: string) => NewEvent[];
type Detect = (state: ProjectState, events: readonly NewEvent[], after: After, raised: Raise) => NewEvent[];

const deadlocks: Detect = (state, events, after, raised) => {
  const added = newWaits(events);
  const freed = new Set<string>();
  const found: NewEvent[] = [];
  for (const closing of added)
    for (;;) {
      const circle = circleOf(state, after, added, closing, freed);
      if (circle.length === 0) break;
      const conflict = {
        type: 'dependency_deadlock' as const,
        agents: circle.map(({ agentId }) => agentId),
        taskIds: circle.map(({ taskId }) => taskId),
      };
      const words = circle.map((wait) => `${wait.agentId} waits for ${wait.waitsFor}`).join(', ');
      const following = raised(conflict, words.slice(0, NOTE_CHARS_MAX));
      found.push(...following);
      const unblocked = following.flatMap((event) =>
        event.type === 'task.unblocked' ? [event.data.taskId] : [],
      );
      if (unblocked.length === 0) break;
      for (const taskId of unblocked) freed.add(taskId);
    }
  return found;
};

const mismatches: Detect = (state, events, after, raised) => {
  const found = mismatchIn(state, events, after);
  if (!found) return [];
  const { urgent, held } = found;
  const agents = [held.agentId ?? ''];
  const words = 'a far more urgent task is ready and all who can do it are busy';
  return raised({ type: 'priority_mismatch', agents, taskIds: [urgent.id, held.id] }, words);
};

/** Whether an event may bring a conflict about. It only looks things up: it is asked of every event that is decided. */
const isSuspect = (state: ProjectState, event: NewEvent): boolean =>
  event.type === 'task.blocked' ? event.data.waitingFor !== undefined : mayMismatch(state, event);

/** The conflicts that a decision brings about, each with its resolution or its question. */
export const detect = (state: ProjectState, events: readonly NewEvent[], context: Context): NewEvent[] => {
  if (state.conflicts.size >= OPEN_CONFLICTS_MAX || !events.some((event) => isSuspect(state, event)))
    return [];
  const after = sceneAfter(state, events, context.now);
  const raised: Raise = (conflict, description) => raise(state, conflict, description, context, after);
  return [deadlocks, mismatches].flatMap((rule) => rule(state, events, after, raised));
};

/** The conflict of a grant with a held task that seems to be the same; the grant has looked for it, to tell of it. */
export const overlap = (
  state: ProjectState,
  claimed: Extract<NewEvent, { type: 'task.claimed' }>,
  same: SameWork,
  context: Context,
): NewEvent[] => {
  if (state.conflicts.size >= OPEN_CONFLICTS_MAX) return [];
  const agents = [same.agentId, claimed.agentId ?? ''];
  const taskIds = [same.taskId, claimed.data.taskId];
  const words = `both seem to do the same: ${same.why}`;
  const after = sceneAfter(state, [claimed], context.now);
  return raise(state, { type: 'capability_overlap', agents, taskIds }, words, context, after);
};
