import type { CommandInput, Refusal } from '@agentmix/act-contract';
import { defined } from '../defined.ts';
import type { ProjectState } from '../state.ts';
import { spreads } from '../passage.ts';
import type { Passage } from '../passage.ts';
import { hopsOf, saidBefore, TALK_MS, timesOf } from '../talk.ts';
import { accept, isRefused, isUnknownTask, refuse, sessionOf } from './decision.ts';
import type { Decide, DecisionContext } from './decision.ts';

/** One who says it, and one who passes it on; of what is only alike, and may be a form that all fill in, one more. */
const SAYERS_MAX = 2;
const TELLERS_MAX = 3;
/** How far a passage comes in a minute, whoever begins new threads with it. */
const PASSED_ON_MAX = 3;

/**
 * Text may tell the agent that reads it to send it on to all others. Whoever obeys says what others said, or answers
 * in their thread: both are counted by the hub, not told by the sender. Quoting to whom it comes from spreads nothing.
 */
const refuseSpread = (
  { settings }: ProjectState,
  input: CommandInput<'update.broadcast'> & { readonly to?: string },
  agentId: string,
  hops: number,
  { now, talk }: DecisionContext,
): { refusal: Refusal } | undefined => {
  const { hopsMax, messagesPerMinute } = settings;
  const sent = timesOf(talk, agentId, now);
  const first = sent.at(-messagesPerMinute);
  if (first !== undefined) {
    const retryAfter = Math.max(1, Math.ceil((first + TALK_MS - now) / 1_000));
    return refuse('rate_limited', `${agentId} sent ${sent.length} messages within a minute`, {
      limit: 'messagesPerMinute',
      retryAfter,
    });
  }
  if (hops > hopsMax)
    return refuse('too_many_hops', `the thread was passed on ${hopsMax} times`, { limit: 'hopsMax' });
  const { passages, telling } = saidBefore(talk, input.content, now);
  const isSpread = (passage: Passage, sayersMax: number): boolean =>
    spreads(passage, agentId, input.to, { sayersMax, hopsMax: PASSED_ON_MAX });
  if (passages.some((passage) => isSpread(passage, SAYERS_MAX)))
    return refuse('repeated_content', 'others said the same within a minute');
  return telling && isSpread(telling, TELLERS_MAX)
    ? refuse('repeated_content', 'others said nearly the same within a minute')
    : undefined;
};

export const sendMessage: Decide<'message.send'> = (state, input, context) => {
  const session = sessionOf(state, input.sessionId);
  if (isRefused(session)) return session;
  if (!state.agents.has(input.to)) return refuse('agent_not_found', `no agent ${input.to}`);
  return say(state, input, session.agentId, context);
};

export const broadcast: Decide<'update.broadcast'> = (state, input, context) => {
  const session = sessionOf(state, input.sessionId);
  return isRefused(session) ? session : say(state, input, session.agentId, context);
};

const say = (
  state: ProjectState,
  input: CommandInput<'update.broadcast'> & { readonly to?: string },
  agentId: string,
  context: DecisionContext,
): ReturnType<Decide<'message.send'>> => {
  const { content, to, messageType, urgency, threadId, taskId } = input;
  if (isUnknownTask(state, taskId)) return refuse('task_not_found', `no task ${taskId}`);
  const hops = threadId === undefined ? 0 : hopsOf(context.talk, threadId) + 1;
  const spread = refuseSpread(state, input, agentId, hops, context);
  if (spread) return spread;
  const id = context.newId();
  const about = { messageType, urgency, ...defined({ threadId, taskId }) };
  const data = { messageId: id, ...about, ...(hops > 0 ? { hops } : {}) };
  const senderMemberId = context.caller?.memberId;
  const letter = { id, senderAgentId: agentId, ...defined({ senderMemberId }), ...about, content };
  return to === undefined
    ? { ...accept({ type: 'update.broadcast', agentId, data }), letters: [letter] }
    : {
        ...accept({ type: 'message.sent', agentId, data: { ...data, to } }),
        letters: [{ ...letter, recipientAgentId: to }],
      };
};

export const readMessages: Decide<'message.read'> = (state, { sessionId, messageIds }) => {
  const session = sessionOf(state, sessionId);
  return isRefused(session)
    ? session
    : accept({
        type: 'message.read',
        agentId: session.agentId,
        data: { messageIds: [...new Set(messageIds)] },
      });
};
