import { messagePart, predictionPart } from '@agentmix/act-contract';
import type { CommandOutput, Message } from '@agentmix/act-contract';
import { defined } from '@agentmix/act-core';
import { commandIdOf } from '../command-id.ts';
import type { Result, Speaker } from '../speaker.ts';
import { told } from './told.ts';
import type { Handler } from './told.ts';

const BROADCAST_AGE_MS = 3_600_000;
const BROADCASTS_SHOWN = 4;
const PREDICTIONS_SHOWN = 4;

/** What is true of reading: an agent meets its mail between turns, not when it arrives. */
const RECEIPTS = {
  working: 'Sent. The recipient is at work: it will see it at its next turn.',
  idle: 'Sent. The recipient is idle: it will see it when it next asks.',
  offline:
    'The recipient is gone: it waits in its inbox until it comes back. If it cannot wait, write to another.',
} as const satisfies Record<CommandOutput<'message.send'>['recipient'], string>;

export const message: Handler<'act_message'> = (speaker, { key, to, text, ...about }) =>
  speaker.inSession(async (sessionId) => {
    const { command, now } = speaker;
    const letter = { sessionId, content: text, ...defined(about) };
    const id = commandIdOf(sessionId, now(), ['message', key]);
    if (to === undefined) {
      const all = await command('update.broadcast', letter, id);
      return all.ok ? told('Told to all. Next: go on.', { messageId: all.value.messageId }) : all;
    }
    const sent = await command('message.send', { ...letter, to }, id);
    return sent.ok ? told(`${RECEIPTS[sent.value.recipient]} Next: go on.`, { ...sent.value }) : sent;
  });

/** The newest words to all of the last hour, the oldest of them first. */
const broadcasts = async ({ agentId, query, now }: Speaker): Promise<Result<readonly Message[]>> => {
  const newest = { toAll: true, newestFirst: true, limit: BROADCASTS_SHOWN };
  const page = await query('message.list', { agentId, ...newest });
  if (!page.ok) return page;
  const since = now() - BROADCAST_AGE_MS;
  const fresh = page.value.items.filter(({ timestamp }) => Date.parse(timestamp) > since);
  return { ok: true, value: fresh.toReversed() };
};

export const inbox: Handler<'act_inbox'> = (speaker, { read }) =>
  speaker.inSession(async (sessionId) => {
    const { agentId, command, query } = speaker;
    const marked = read ? await command('message.read', { sessionId, messageIds: read }) : undefined;
    if (marked && !marked.ok) return marked;
    const briefing = await query('agent.briefing', { agentId });
    if (!briefing.ok) return briefing;
    const toAll = await broadcasts(speaker);
    if (!toAll.ok) return toAll;
    const predicted = await query('prediction.list', { agentId });
    if (!predicted.ok) return predicted;
    const conflicts = predicted.value.items;
    const { count, messages } = briefing.value.unread;
    const shown = [...messages, ...toAll.value];
    return told(
      count === 0
        ? 'Nothing is unread. Next: go on with your work.'
        : 'Next: act_inbox with `read` set to the ids you took in; what is still unread follows.',
      { unread: count, ...(conflicts.length > 0 ? { predictedConflicts: conflicts.length } : {}) },
      [
        ...shown.map(messagePart),
        ...conflicts.slice(0, PREDICTIONS_SHOWN).map((one) => predictionPart(one, agentId)),
      ],
    );
  });
