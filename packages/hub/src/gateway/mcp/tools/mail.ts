import { messagePart } from '@agentmix/act-contract';
import type { CommandOutput, Message } from '@agentmix/act-contract';
import { commandIdOf } from '../command-id.ts';
import type { Result, Speaker } from '../speaker.ts';
import { given, told } from './told.ts';
import type { Handler } from './told.ts';

const BROADCAST_AGE_MS = 3_600_000;
const BROADCASTS_READ = 200;
const BROADCASTS_SHOWN = 4;

const RECEIPTS = {
  working: 'Sent. The recipient is at work and reads it at one of its next steps.',
  idle: 'Sent. The recipient is live but idle: it reads it when its next turn begins.',
  offline:
    'Kept for the recipient, which is gone: it reads it if it comes back. If it cannot wait, write to another.',
} as const satisfies Record<CommandOutput<'message.send'>['recipient'], string>;

export const message: Handler<'act_message'> = (speaker, { key, to, text, ...about }) =>
  speaker.inSession(async (sessionId) => {
    const { command, now } = speaker;
    const letter = { sessionId, content: text, ...given(about) };
    const id = commandIdOf(sessionId, now(), ['message', key]);
    if (to === undefined) {
      const all = await command('update.broadcast', letter, id);
      return all.ok ? told('Told to all. Next: go on.', { messageId: all.value.messageId }) : all;
    }
    const sent = await command('message.send', { ...letter, to }, id);
    return sent.ok ? told(`${RECEIPTS[sent.value.recipient]} Next: go on.`, { ...sent.value }) : sent;
  });

/** A cursor that stands before everything said after a time: message ids are version 7 UUIDs. */
const cursorAt = (at: number): string => {
  const stamp = Math.max(0, Math.floor(at)).toString(16).padStart(12, '0');
  return `${stamp.slice(0, 8)}-${stamp.slice(8)}-7000-8000-000000000000`;
};

const broadcasts = async ({ agentId, query, now }: Speaker): Promise<Result<readonly Message[]>> => {
  const page = await query('message.list', {
    agentId,
    after: cursorAt(now() - BROADCAST_AGE_MS),
    limit: BROADCASTS_READ,
  });
  if (!page.ok) return page;
  const toAll = page.value.items.filter(({ recipientAgentId }) => recipientAgentId === undefined);
  return { ok: true, value: toAll.slice(-BROADCASTS_SHOWN) };
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
    const { count, messages } = briefing.value.unread;
    const shown = [...messages, ...toAll.value];
    return told(
      count === 0
        ? 'Nothing is unread. Next: go on with your work.'
        : 'Next: act_inbox with `read` set to the ids you took in; what is still unread follows.',
      { unread: count },
      shown.map(messagePart),
    );
  });
