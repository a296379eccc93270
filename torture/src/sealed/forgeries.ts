import { randomUUID } from 'node:crypto';
import type { InboxMessage } from '@agentmix/act-client';
import { uuidv7 } from 'uuidv7';

/** The sealed content of a message, by the names of the contract. */
type Envelope = Record<string, string | number>;
const FIELDS = ['signingKey', 'sealingKey', 'enc', 'ciphertext', 'signature'] as const;

const envelopeOf = (message: InboxMessage): Envelope => message.content as Envelope;

const flipped = (text: string, bit: number): string => {
  const bytes = Buffer.from(text, 'base64url');
  const at = (bit >> 3) % bytes.length;
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
  return bytes.toString('base64url');
};

/** The message with one bit changed in one of the envelope's fields, each field so many times at different places. */
export const bitFlips = (message: InboxMessage, each: number): InboxMessage[] =>
  FIELDS.flatMap((field) => {
    const text = String(envelopeOf(message)[field]);
    const bits = Buffer.from(text, 'base64url').length * 8;
    return Array.from({ length: Math.min(each, bits) }, (_, at) => {
      const bit = Math.floor((at * bits) / Math.min(each, bits));
      return { ...message, content: { ...envelopeOf(message), [field]: flipped(text, bit) } };
    });
  });

/** The same text with a character that is not of its bytes, cut short, or lengthened. */
export const misspelt = (message: InboxMessage): InboxMessage[] =>
  FIELDS.flatMap((field) => {
    const text = String(envelopeOf(message)[field]);
    return [`${text}=`, ` ${text}`, text.slice(0, -1), `${text}AAAA`, ''].map((other) => ({
      ...message,
      content: { ...envelopeOf(message), [field]: other },
    }));
  });

const without = <T extends object>(value: T, field: string): T =>
  // Only fields that the contract lets be absent are taken away.
  Object.fromEntries(Object.entries(value).filter(([name]) => name !== field)) as T;

/** The message under another header: each component that the AAD is made of, but the project. */
export const otherHeaders = (message: InboxMessage, others: readonly string[]): InboxMessage[] => {
  const content = envelopeOf(message);
  const epoch = Number(content['epoch'] ?? 0);
  const changed: InboxMessage[] = [
    ...others.map((senderAgentId) => ({ ...message, senderAgentId })),
    ...others.map((recipientAgentId) => ({ ...message, recipientAgentId })),
    without(message, 'recipientAgentId'),
    { ...message, taskId: randomUUID() },
    without(message, 'taskId'),
    { ...message, threadId: randomUUID() },
    { ...message, messageType: message.messageType === 'answer' ? 'question' : 'answer' },
    { ...message, urgency: message.urgency === 'low' ? 'critical' : 'low' },
    { ...message, content: { ...content, epoch: epoch + 1 } },
    { ...message, content: without(content, 'epoch') },
    { ...message, content: { ...content, id: uuidv7() } },
    { ...message, content: { ...content, id: String(content['id']).toUpperCase() } },
    { ...message, content: { ...content, sealed: 2 } },
    { ...message, content: { ...content, more: 1 } },
  ];
  // What was absent cannot be taken away.
  return changed.filter((one) => JSON.stringify(one) !== JSON.stringify(message));
};

/** Parts of two sealed messages of the same sender put together. */
export const mixtures = (one: InboxMessage, other: InboxMessage): InboxMessage[] =>
  (['id', ...FIELDS] as const)
    .filter((field) => envelopeOf(one)[field] !== envelopeOf(other)[field])
    .map((field) => ({
      ...one,
      content: { ...envelopeOf(one), [field]: envelopeOf(other)[field] ?? '' },
    }));
