import type { CommandOutput } from '@agentmix/act-contract';
import type { LaneCommand } from '@agentmix/act-core';
import type { Outcome } from './batch.ts';

/** The session that a command speaks as, or resumes: its lease is renewed. */
export const speakingSession = ({ name, input }: LaneCommand, outcome: Outcome): string | undefined => {
  if (name === 'agent.register')
    return input.resume && outcome.ok
      ? (outcome.output as CommandOutput<'agent.register'>).sessionId
      : undefined;
  return 'sessionId' in input ? input.sessionId : undefined;
};
