import { SealedContent } from '@agentmix/act-contract';
import type { AgentKeys } from '@agentmix/act-contract';
import { flawed, publishedKeys } from './context.ts';
import type { QueryOptions, SealedContext } from './context.ts';
import { openEnvelope } from './envelope.ts';
import { peerOf, pin } from './keyring.ts';
import { remember } from './seen-ids.ts';
import type { InboxMessage, OpenedMessage } from './types.ts';

type NotOpened = Extract<OpenedMessage, { ok: false }>;

/** Whether the key is the sender's: the one known here, or else the one it has published, which is answered. */
const judgeSigner = async (
  context: SealedContext,
  from: string,
  signingKey: string,
  options: QueryOptions,
): Promise<NotOpened | { readonly published?: AgentKeys }> => {
  const peer = peerOf(context.keyring, context.projectId, from);
  if (peer?.keys.signingKey === signingKey) return {};
  const found = await publishedKeys(context, from, options);
  if (!found.ok) return found;
  if (!found.keys || !found.isProven || found.keys.signingKey !== signingKey)
    return flawed('unknown_sender_key');
  return peer ? flawed('key_changed', found.keys) : { published: found.keys };
};

const parseJson = (plaintext: Uint8Array): { readonly content: InboxMessage['content'] } | undefined => {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(plaintext);
    // What JSON.parse answers is JSON.
    return { content: JSON.parse(text) as InboxMessage['content'] };
  } catch {
    return undefined;
  }
};

/** Remembers the sender by its keys and the message by its id, then gives out what it says. */
const note = async (
  { keyring, projectId }: SealedContext,
  message: InboxMessage,
  { id, epoch, signingKey }: SealedContent,
  published: AgentKeys | undefined,
  content: InboxMessage['content'],
): Promise<OpenedMessage> => {
  const from = message.senderAgentId;
  // Another message of the sender may have been opened meanwhile.
  const peer = peerOf(keyring, projectId, from) ?? (published && pin(keyring, projectId, from, published));
  if (peer?.keys.signingKey !== signingKey) return flawed('key_changed', published);
  const seen = remember(peer.seen, id, message.id);
  if (seen === 'replayed') return flawed('replayed');
  if (seen === 'new') await keyring.save?.();
  return { ok: true, content, ...(epoch === undefined ? {} : { epoch }), again: seen === 'again' };
};

/** Opens one message of the inbox; see SealedCalls. What is not authentic leaves no trace in the keyring. */
export const openSealed = async (
  context: SealedContext,
  message: InboxMessage,
  options: QueryOptions,
): Promise<OpenedMessage> => {
  const { keyring, projectId, agentId } = context;
  const { success, data: sealed } = SealedContent.safeParse(message.content);
  if (!success) return flawed('not_sealed');
  if (message.recipientAgentId !== agentId || sealed.sealingKey !== keyring.secrets.sealingKey)
    return flawed('wrong_recipient');
  const { senderAgentId: from, taskId, threadId, messageType, urgency } = message;
  const signer = await judgeSigner(context, from, sealed.signingKey, options);
  if ('ok' in signer) return signer;
  const { id, epoch } = sealed;
  const header = { projectId, id, from, to: agentId, taskId, epoch, messageType, urgency, threadId };
  const opened = await openEnvelope(header, keyring.secrets, sealed);
  if ('flaw' in opened) return flawed(opened.flaw);
  const value = parseJson(opened.plaintext);
  if (!value) return flawed('cannot_open');
  return note(context, message, sealed, signer.published, value.content);
};
