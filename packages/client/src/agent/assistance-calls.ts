import { ActRefused } from '../errors.ts';
import type { Hub } from '../hub.ts';
import type { Session } from './session.ts';
import type { ActAgent, AssistanceAnswer, AssistanceRequest } from './types.ts';
import type { CallOptions } from '../call-hub.ts';

type AssistanceCalls = Pick<
  ActAgent,
  'requestAssistance' | 'openAssistance' | 'answerAssistance' | 'closeAssistance'
>;

interface Question {
  readonly requestId: string;
  readonly offeredTo: readonly string[];
}

/** Asking for help and giving it. */
export const makeAssistanceCalls = (hub: Hub, projectId: string, session: Session): AssistanceCalls => {
  const request = (asked: AssistanceRequest, options?: CallOptions) =>
    session.command('assistance.request', (sessionId) => ({ ...asked, sessionId }), options);

  async function* answers(
    { requestId, offeredTo }: Question,
    after: number | undefined,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<AssistanceAnswer, void, undefined> {
    const silent = new Set(offeredTo);
    if (silent.size === 0) return;
    const options = {
      ...(after === undefined ? {} : { after }),
      ...(signal === undefined ? {} : { signal }),
    };
    for await (const item of hub.events(projectId, options)) {
      if (item.kind !== 'event') throw new ActRefused('the answers are no longer known', item.reason);
      const { event } = item;
      if (event.type === 'assistance.closed' && event.data.requestId === requestId) return;
      if (event.type !== 'assistance.answered' || event.data.requestId !== requestId) continue;
      if (event.agentId === undefined) continue;
      yield { agentId: event.agentId, accepted: event.data.accepted };
      silent.delete(event.agentId);
      if (event.data.accepted || silent.size === 0) return;
    }
  }

  return {
    async requestAssistance(asked, options) {
      const result = await request(asked, options);
      if (!result.ok) throw new ActRefused('the request for help was refused', result.refusal);
      return result.value.offeredTo;
    },
    async openAssistance(asked, options = {}) {
      const result = await request(asked, options);
      if (!result.ok) return result;
      return {
        ...result,
        value: { ...result.value, answers: answers(result.value, result.seq, options.signal) },
      };
    },
    answerAssistance: (requestId, accepted, options) =>
      session.command('assistance.answer', (sessionId) => ({ sessionId, requestId, accepted }), options),
    closeAssistance: (requestId, options) =>
      session.command('assistance.close', (sessionId) => ({ sessionId, requestId }), options),
  };
};
