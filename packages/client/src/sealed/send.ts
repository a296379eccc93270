import { refusal, SEALED_PLAINTEXT_BYTES_MAX } from '@agentmix/act-contract';
import type { PublicKeys } from '@agentmix/act-contract';
import { uuidv7 } from 'uuidv7';
import type { Session } from '../agent/session.ts';
import { flawed, publishedKeys } from './context.ts';
import type { QueryOptions, SealedContext } from './context.ts';
import { sealEnvelope } from './envelope.ts';
import { isSameKeys, peerOf, pin } from './keyring.ts';
import type { SealedDraft, SentSealed } from './types.ts';

/** What the hub is given: the open part of the message and its sealed content. */
const sealDraft = async (
  { projectId, agentId, keyring }: SealedContext,
  to: string,
  draft: SealedDraft,
  recipient: PublicKeys,
  plaintext: Uint8Array,
) => {
  // What is left out here the hub would fill in, and the header would not be what was signed.
  const open = {
    messageType: draft.messageType ?? 'info',
    urgency: draft.urgency ?? 'medium',
    ...(draft.taskId === undefined ? {} : { taskId: draft.taskId.toLowerCase() }),
    ...(draft.threadId === undefined ? {} : { threadId: draft.threadId.toLowerCase() }),
  };
  const header = { ...open, projectId, id: uuidv7(), from: agentId, to, epoch: draft.epoch };
  const content = await sealEnvelope(header, keyring.secrets, recipient, plaintext);
  // It is JSON: its one optional field is left out, never undefined.
  return { ...open, to, content: content as SealedDraft['content'] };
};

/** Seals a message to the published keys of its recipient and sends it; see SealedCalls. */
export const sendSealed = async (
  context: SealedContext,
  session: Session,
  to: string,
  draft: SealedDraft,
  options: QueryOptions,
): Promise<SentSealed> => {
  const { keyring, projectId } = context;
  const plaintext = new TextEncoder().encode(JSON.stringify(draft.content));
  if (plaintext.length > SEALED_PLAINTEXT_BYTES_MAX) {
    const detail = `${plaintext.length} bytes of JSON; at most ${SEALED_PLAINTEXT_BYTES_MAX} can be sealed`;
    return { ok: false, refusal: refusal('payload_too_large', detail) };
  }
  const found = await publishedKeys(context, to, options);
  if (!found.ok) return found;
  if (!found.keys) return flawed('no_keys');
  if (!found.isProven) return flawed('unusable_keys', found.keys);
  // Only the recipient’s key can be at fault: a point of small order, whose secret everybody has.
  const message = await sealDraft(context, to, draft, found.keys, plaintext).catch(() => undefined);
  if (!message) return flawed('unusable_keys', found.keys);
  const peer = peerOf(keyring, projectId, to);
  if (peer && !isSameKeys(peer.keys, found.keys)) return flawed('key_changed', found.keys);
  if (!peer) {
    pin(keyring, projectId, to, found.keys);
    await keyring.save?.();
  }
  return session.command('message.send', (sessionId) => ({ ...message, sessionId }), options);
};
