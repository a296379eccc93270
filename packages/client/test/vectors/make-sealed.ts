import { createPublicKey, createPrivateKey } from 'node:crypto';
import { encodeFields, keyStatement, toBase64Url } from '@agentmix/act-contract';
import type { SealedContent } from '@agentmix/act-contract';
import { sign } from '../../src/sealed/ed25519.ts';
import { encodeHeader, sealEnvelope, statementOf } from '../../src/sealed/envelope.ts';
import type { SealedHeader } from '../../src/sealed/envelope.ts';
import { sealBytes } from '../../src/sealed/hpke.ts';
import { proofOf } from '../../src/sealed/keys.ts';
import type { AgentSecrets } from '../../src/sealed/keys.ts';

const PROJECT_ID = '01900000-0000-7000-8000-0000000000aa';
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** What RFC 8410 puts before 32 private bytes. */
const HEADS = { x25519: '302e020100300506032b656e04220420', ed25519: '302e020100300506032b657004220420' };
const publicOf = (curve: keyof typeof HEADS, secret: Uint8Array): string => {
  const der = Buffer.concat([Buffer.from(HEADS[curve], 'hex'), secret]);
  const jwk = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })).export({
    format: 'jwk',
  });
  return jwk.x ?? '';
};

/** Fixed key pairs: the private bytes are one byte, 32 times. */
const secretsOf = (sealing: number, signing: number): AgentSecrets => {
  const [sealingSecret, signingSecret] = [new Uint8Array(32).fill(sealing), new Uint8Array(32).fill(signing)];
  return {
    sealingKey: publicOf('x25519', sealingSecret),
    sealingSecret: toBase64Url(sealingSecret),
    signingKey: publicOf('ed25519', signingSecret),
    signingSecret: toBase64Url(signingSecret),
  };
};
const ada = secretsOf(0x11, 0x12);
const bob = secretsOf(0x21, 0x22);
const eve = secretsOf(0x31, 0x32);

const keysVector = async (agentId: string, secrets: AgentSecrets) => ({
  projectId: PROJECT_ID,
  agentId,
  secrets,
  statement: hex(keyStatement(PROJECT_ID, agentId, secrets)),
  proof: await proofOf(PROJECT_ID, agentId, secrets),
});

const idOf = (number: number): string => `01900000-0000-7000-8000-${String(number).padStart(12, '0')}`;
const headerOf = (number: number, more: Partial<SealedHeader> = {}): SealedHeader => ({
  projectId: PROJECT_ID,
  id: idOf(number),
  from: 'ada',
  to: 'bob',
  messageType: 'info',
  urgency: 'medium',
  ...more,
});

const vector = async (name: string, header: SealedHeader, plaintext: Uint8Array, byte: number) => {
  const ikmE = new Uint8Array(32).fill(byte);
  const content = await sealEnvelope(header, ada, bob, plaintext, ikmE);
  const aad = encodeHeader(header, ada.signingKey, bob.sealingKey);
  const [enc, ciphertext] = [content.enc, content.ciphertext].map((one) => Buffer.from(one, 'base64url'));
  if (!enc || !ciphertext) throw new Error('no ciphertext');
  const statement = hex(statementOf(aad, enc, ciphertext));
  return { name, header, ikmE: hex(ikmE), plaintext: hex(plaintext), aad: hex(aad), statement, content };
};

/** Signed by its sender, but sealed with an AAD or an `info` that is not the message’s. */
const sealedWrongly = async (
  header: SealedHeader,
  sealedFor: { readonly aad: Uint8Array; readonly info: string },
  signer: AgentSecrets = ada,
): Promise<SealedContent> => {
  const { enc, ciphertext } = await sealBytes({
    recipient: Buffer.from(bob.sealingKey, 'base64url'),
    info: text(sealedFor.info),
    aad: sealedFor.aad,
    plaintext: text('"x"'),
    ephemeral: new Uint8Array(32).fill(0x51),
  });
  const statement = statementOf(
    encodeHeader(header, signer.signingKey, bob.sealingKey),
    new Uint8Array(enc),
    new Uint8Array(ciphertext),
  );
  return {
    sealed: 1,
    id: header.id,
    signingKey: signer.signingKey,
    sealingKey: bob.sealingKey,
    enc: toBase64Url(enc),
    ciphertext: toBase64Url(ciphertext),
    signature: await sign(signer, statement),
  };
};

const flip = (value: string): string => {
  const bytes = Buffer.from(value, 'base64url');
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  return bytes.toString('base64url');
};

/** Messages to bob that must not be opened, and the flaw to name. Where the header is changed the content is not. */
const refusedVectors = async (header: SealedHeader, content: SealedContent) => {
  const task = idOf(900);
  const changed: [string, Partial<SealedHeader>][] = [
    ['projectId', { projectId: idOf(901) }],
    ['id', { id: idOf(902) }],
    ['from', { from: 'eve' }],
    ['to', { to: 'eve' }],
    ['taskId', { taskId: task }],
    ['epoch', { epoch: 1 }],
    ['messageType', { messageType: 'answer' }],
    ['urgency', { urgency: 'high' }],
    ['threadId', { threadId: task }],
  ];
  const own = encodeHeader(header, ada.signingKey, bob.sealingKey);
  const asEve = { ...header, from: 'eve' };
  return [
    ...changed.map(([field, more]) => ({
      name: `the header says another ${field}`,
      header: { ...header, ...more },
      content,
      flaw: 'bad_signature',
    })),
    ...(['enc', 'ciphertext', 'signature'] as const).map((field) => ({
      name: `a bit of ${field} is flipped`,
      header,
      content: { ...content, [field]: flip(content[field]) },
      flaw: 'bad_signature',
    })),
    {
      name: 'signed by the sender, sealed with another AAD',
      header,
      content: await sealedWrongly(header, {
        aad: encodeHeader(headerOf(1), ada.signingKey, bob.sealingKey),
        info: 'act-sealed-1',
      }),
      flaw: 'cannot_open',
    },
    {
      name: 'signed by the sender, sealed with another info',
      header,
      content: await sealedWrongly(header, { aad: own, info: 'act-sealed-2' }),
      flaw: 'cannot_open',
    },
    {
      name: 'the signature was taken off and another agent signed as itself',
      header: asEve,
      content: await sealedWrongly(asEve, { aad: own, info: 'act-sealed-1' }, eve),
      flaw: 'cannot_open',
    },
  ];
};

/** The vectors of PROTOCOL.md, "Sealed messages", as the file beside this one holds them. */
export const makeVectors = async () => {
  const full = headerOf(3, {
    taskId: idOf(800),
    epoch: 7,
    messageType: 'handoff',
    urgency: 'critical',
    threadId: idOf(801),
  });
  const last = await vector(
    'every field of the header',
    full,
    text('{"note":"grüße \\u2713","n":[1,2.5,null]}'),
    0x43,
  );
  return {
    about:
      'Sealed messages of PROTOCOL.md. Keys, enc, ciphertext and signatures are base64url; all other bytes are hexadecimal. ikmE is that of RFC 9180, section 7.1.3: with it sealing gives these bytes again.',
    fields: [[], [''], ['a', ''], ['', 'a'], ['ab', 'c'], ['a', 'bc'], ['grüße']].map((fields) => ({
      fields,
      encoded: hex(encodeFields(fields)),
    })),
    keys: [await keysVector('ada', ada), await keysVector('bob', bob), await keysVector('eve', eve)],
    sealed: [
      await vector('no bytes', headerOf(1), new Uint8Array(), 0x41),
      await vector('the empty text', headerOf(2), text('""'), 0x42),
      last,
      await vector('1,000 bytes', headerOf(4), text(JSON.stringify('x'.repeat(998))), 0x44),
    ],
    refused: await refusedVectors(headerOf(5), (await vector('', headerOf(5), text('"x"'), 0x45)).content),
  };
};
