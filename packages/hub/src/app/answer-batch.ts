import type { ProjectState } from '@agentmix/act-core';
import { unavailable } from './batch.ts';
import type { Batch } from './batch.ts';
import { speakingSession } from './speaking-session.ts';

/** Answers every command of a batch, and tells which live sessions gave them. */
export const answerBatch = (
  { waiting, outcomes }: Batch,
  state: ProjectState,
  onSpoke: (sessionId: string) => void,
): void => {
  waiting.forEach((one, at) => {
    const outcome = outcomes[at] ?? unavailable('no outcome');
    const sessionId = speakingSession(one.command, outcome);
    if (sessionId !== undefined && state.sessions.has(sessionId)) onSpoke(sessionId);
    one.resolve(outcome);
  });
};
