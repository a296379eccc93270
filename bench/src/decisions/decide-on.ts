import { decide, makeTalk } from '@agentmix/act-core';
import type { LaneCommand, ProjectState } from '@agentmix/act-core';
import type { NewEvent } from '@agentmix/act-contract';
import { id } from './crowded-projects.ts';

/** What the core decides; throws when it refuses. */
export const decideOn = (state: ProjectState, command: LaneCommand): readonly NewEvent[] => {
  const decided = decide(state, command, {
    now: 0,
    newId: () => id(9_001),
    seeking: new Set(),
    talk: makeTalk(),
    isSignedBy: () => false,
  });
  if ('refusal' in decided) throw new Error(`${command.name} refused: ${decided.refusal.code}`);
  return decided.events;
};
