import { z } from 'zod';
import { base64UrlFrom, base64UrlOf, fromBase64Url } from './base64url.ts';
import { CONTENT_BYTES_MAX } from './limits.ts';
import * as s from './scalars.ts';

/**
 * The encodings of points of small order, their sign bit cleared (the list of libsodium and of ed25519-dalek's
 * verify_strict). Whoever published one would have shown nothing: some signature of anybody's fits any text.
 */
const SMALL_ORDER = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

/** Whether an Ed25519 public key, as base64url, is a point of small order, which nobody has the other half of. */
export const isSmallOrder = (signingKey: string): boolean => {
  const hex = [...fromBase64Url(signingKey)].map((byte, at) =>
    (at === 31 ? byte & 0x7f : byte).toString(16).padStart(2, '0'),
  );
  return SMALL_ORDER.has(hex.join(''));
};

/** What an agent publishes so that others can write to it in secret and know its hand. */
export const publicKeys = {
  sealingKey: base64UrlOf(32).meta({
    description: 'X25519 public key: messages to the agent are sealed to it',
  }),
  signingKey: base64UrlOf(32)
    .refine((key) => !isSmallOrder(key), 'must not be a point of small order')
    .meta({ description: 'Ed25519 public key: the agent signs with its other half' }),
};
export const KeyProof = base64UrlOf(64).meta({
  description: 'Ed25519 signature by signingKey over the key statement (PROTOCOL.md, Sealed messages)',
});

export const AgentKeys = z
  .object({ ...publicKeys, proof: KeyProof, seq: s.Seq })
  .meta({ id: 'AgentKeys', description: 'Published keys; `seq` is their event’s place in the log' });
export type AgentKeys = z.infer<typeof AgentKeys>;
export type PublicKeys = Pick<AgentKeys, 'sealingKey' | 'signingKey'>;

/** The content of a message that only its recipient can read. The hub checks its form and stores it as it is. */
export const SealedContent = z
  .object({
    sealed: z.literal(1).meta({ description: 'Version of this form' }),
    // In lower case only: two spellings of one id would be two messages to whoever remembers ids.
    id: z
      .string()
      .regex(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      .meta({ description: 'UUIDv7 that the sender made; the hub’s own id of the message is another' }),
    epoch: s.Epoch.optional(),
    ...publicKeys,
    enc: base64UrlOf(32).meta({ description: 'HPKE encapsulated key' }),
    ciphertext: base64UrlFrom(16, CONTENT_BYTES_MAX),
    signature: base64UrlOf(64).meta({ description: 'Ed25519 signature over header, enc and ciphertext' }),
  })
  .strict()
  .meta({
    id: 'SealedContent',
    description: 'Sealed by HPKE to sealingKey (the recipient’s), signed by signingKey (the sender’s)',
  });
export type SealedContent = z.infer<typeof SealedContent>;

/**
 * The content of a direct message. An object with the key `sealed` has to be a SealedContent: a sender whose sealed
 * message is not one hears it from the hub, not its recipient from a failure to open it.
 */
export const DirectContent = s
  .json(CONTENT_BYTES_MAX)
  .superRefine((content, context) => {
    if (typeof content !== 'object' || content === null || !Object.hasOwn(content, 'sealed')) return;
    for (const { path, message } of SealedContent.safeParse(content).error?.issues ?? [])
      context.addIssue({ code: 'custom', path, message });
  })
  .meta({
    description: `Any JSON value of at most ${CONTENT_BYTES_MAX} bytes; with a key \`sealed\` a SealedContent`,
  });

/**
 * One byte string from many, each preceded by its length as 4 bytes, big-endian; text in UTF-8. No two lists have
 * the same encoding, and it takes a few lines in any language, which canonical JSON (RFC 8785) does not: that needs
 * its rules for numbers, escapes and the order of keys.
 */
export const encodeFields = (fields: readonly (string | Uint8Array)[]): Uint8Array => {
  const parts = fields.map((field) => (typeof field === 'string' ? new TextEncoder().encode(field) : field));
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + 4 + part.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const part of parts) {
    view.setUint32(at, part.length);
    bytes.set(part, at + 4);
    at += 4 + part.length;
  }
  return bytes;
};

/** What an agent signs to show that it has the signing key, and that the sealing key goes with it. */
export const keyStatement = (projectId: string, agentId: string, keys: PublicKeys): Uint8Array =>
  encodeFields([
    'act-agent-keys-1',
    projectId,
    agentId,
    fromBase64Url(keys.sealingKey),
    fromBase64Url(keys.signingKey),
  ]);
