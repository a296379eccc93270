import { encodeFields, fromBase64Url, toBase64Url } from '@agentmix/act-contract';
import type { PublicKeys, SealedContent } from '@agentmix/act-contract';
import { isSignedBy, sign } from './ed25519.ts';
import { openBytes, sealBytes } from './hpke.ts';
import type { AgentSecrets } from './keys.ts';

const INFO = new TextEncoder().encode('act-sealed-1');

/** What a sealed message says openly, and what nobody can change without being noticed. Ids in lower case. */
export interface SealedHeader {
  readonly projectId: string;
  /** UUIDv7 that the sender made. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly taskId?: string | undefined;
  readonly epoch?: number | undefined;
  readonly messageType: string;
  readonly urgency: string;
  readonly threadId?: string | undefined;
}

/** The header as bytes, with both keys: the AAD, and the first thing that is signed. */
export const encodeHeader = (header: SealedHeader, signingKey: string, sealingKey: string): Uint8Array =>
  encodeFields([
    'act-sealed-1',
    header.projectId,
    header.id,
    header.from,
    header.to,
    header.taskId ?? '',
    header.epoch === undefined ? '' : String(header.epoch),
    header.messageType,
    header.urgency,
    header.threadId ?? '',
    fromBase64Url(signingKey),
    fromBase64Url(sealingKey),
  ]);

/** What is signed: header, encapsulated key and ciphertext. */
export const statementOf = (aad: Uint8Array, enc: Uint8Array, ciphertext: Uint8Array): Uint8Array =>
  encodeFields(['act-sealed-signature-1', aad, enc, ciphertext]);

/**
 * Seals bytes to the recipient’s key and signs the result. Rejects when that key is a point of small order.
 * `ephemeral` is for test vectors only.
 */
export const sealEnvelope = async (
  header: SealedHeader,
  secrets: AgentSecrets,
  recipient: Pick<PublicKeys, 'sealingKey'>,
  plaintext: Uint8Array,
  ephemeral?: Uint8Array,
): Promise<SealedContent> => {
  const { signingKey } = secrets;
  const { sealingKey } = recipient;
  const aad = encodeHeader(header, signingKey, sealingKey);
  const { enc, ciphertext } = await sealBytes({
    recipient: fromBase64Url(sealingKey),
    info: INFO,
    aad,
    plaintext,
    ...(ephemeral === undefined ? {} : { ephemeral }),
  });
  return {
    sealed: 1,
    id: header.id,
    ...(header.epoch === undefined ? {} : { epoch: header.epoch }),
    signingKey,
    sealingKey,
    enc: toBase64Url(enc),
    ciphertext: toBase64Url(ciphertext),
    signature: await sign(secrets, statementOf(aad, enc, ciphertext)),
  };
};

/**
 * Checks the signature, then opens. The header is made from what the message says openly: whatever of it was
 * changed makes the signature wrong. Whose key `signingKey` is, is for the caller to know.
 */
export const openEnvelope = async (
  header: SealedHeader,
  secrets: Pick<AgentSecrets, 'sealingSecret'>,
  content: SealedContent,
): Promise<{ readonly plaintext: Uint8Array } | { readonly flaw: 'bad_signature' | 'cannot_open' }> => {
  const aad = encodeHeader(header, content.signingKey, content.sealingKey);
  const [enc, ciphertext] = [fromBase64Url(content.enc), fromBase64Url(content.ciphertext)];
  if (!(await isSignedBy(content.signingKey, statementOf(aad, enc, ciphertext), content.signature)))
    return { flaw: 'bad_signature' };
  const secret = fromBase64Url(secrets.sealingSecret);
  const plaintext = await openBytes({ secret, info: INFO, aad, enc, ciphertext });
  return plaintext ? { plaintext } : { flaw: 'cannot_open' };
};
