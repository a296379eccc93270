import type { Message } from '@agentmix/act-contract';
import { callHub } from './call-hub.ts';
import { speak } from './kept-session.ts';
import type { HookContext } from './moments.ts';
import { mailText } from './texts.ts';

/** Messages as text for the agent, and marked as read: what a hook puts before an agent is read. */
export const deliverMail = async (
  { hub, identity, sessionFile, isHeard }: HookContext,
  messages: readonly Message[],
  tokensMax?: number,
): Promise<string | undefined> => {
  const { text, shown } = mailText(messages, tokensMax);
  if (shown.length === 0 || !isHeard) return undefined;
  const messageIds = shown.map(({ id }) => id);
  await speak(hub, identity, sessionFile, (sessionId) =>
    callHub(hub, 'message.read', { sessionId, messageIds }),
  );
  return text;
};
