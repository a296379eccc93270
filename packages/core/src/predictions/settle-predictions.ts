import type { NewEvent } from '@agentmix/act-contract';
import { placesOf } from '../file-range/collisions.ts';
import type { ProjectState } from '../state.ts';
import { changedPredictions } from './predictions.ts';
import type { PredictedConflict, ReportStep } from './predictions.ts';
import { toldBetween } from './told.ts';
import { afterReport } from './worktree.ts';

type Report = Extract<NewEvent, { type: 'worktree.reported' }>;

const withdrawn = (
  { kind: _kind, ...cause }: PredictedConflict,
  reason: 'gone' | 'session_over',
): NewEvent => ({ type: 'conflict.withdrawn', data: { ...cause, reason } });

const stepOf = ({ worktrees }: ProjectState, { agentId = '', data }: Report): ReportStep => {
  const known = worktrees.get(data.worktree.key);
  // When it was reported says nothing about conflicts.
  const next = afterReport(known, data, agentId, 0);
  if (data.since === undefined) return { known, next };
  const files = [...data.files.map(({ path }) => path), ...data.gone].flatMap((path) =>
    [known, next].flatMap((worktree) => worktree?.changes.byPath.get(path) ?? []),
  );
  return { known, next, changed: [...new Set(files.flatMap(placesOf))] };
};

/** What a report changes about the conflicts of its worktree with those of other agents. */
const afterOne = (state: ProjectState, report: Report): NewEvent[] => {
  const step = stepOf(state, report);
  const { key, agentId } = step.next;
  // An agent’s own worktrees are its own affair.
  const others = [...state.worktrees.values()].filter((other) => other.agentId !== agentId);
  return others.flatMap((other): NewEvent[] => {
    const changed = changedPredictions(step, other, toldBetween(state.told, key, other.key));
    return [
      ...changed.withdrawn.map((conflict) => withdrawn(conflict, 'gone')),
      ...changed.predicted.map((conflict): NewEvent => ({ type: 'conflict.predicted', data: conflict })),
    ];
  });
};

/** Worktrees go with their session, and the conflicts with them. */
const afterEnd = ({ worktrees, told }: ProjectState, sessionId: string): NewEvent[] => {
  const all = [...worktrees.values()];
  // One session has one agent, whose worktrees do not conflict with each other: no conflict is found twice.
  return all
    .filter((one) => one.sessionId === sessionId)
    .flatMap(({ key }) => all.flatMap((other) => [...toldBetween(told, key, other.key).values()]))
    .map((conflict) => withdrawn(conflict, 'session_over'));
};

/** What a decision means for predictions: each cause is told once, and once that it is gone. */
export const settlePredictions = (state: ProjectState, events: readonly NewEvent[]): NewEvent[] =>
  state.worktrees.size === 0
    ? []
    : events.flatMap((event) => {
        if (event.type === 'worktree.reported') return afterOne(state, event);
        return event.type === 'agent.disconnected' ? afterEnd(state, event.data.sessionId) : [];
      });
