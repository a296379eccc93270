import { createHash } from 'node:crypto';
import { SealedContent } from '@agentmix/act-contract';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEnvelope, sealEnvelope } from './envelope.ts';
import type { SealedHeader } from './envelope.ts';
import { makeAgentSecrets } from './keys.ts';
import type { AgentSecrets } from './keys.ts';

const header: SealedHeader = {
  projectId: '01900000-0000-7000-8000-000000000001',
  id: '01900000-0000-7000-8000-000000000002',
  from: 'ada',
  to: 'bob',
  taskId: '01900000-0000-7000-8000-000000000003',
  epoch: 3,
  messageType: 'handoff',
  urgency: 'high',
  threadId: '01900000-0000-7000-8000-000000000004',
};
let ada: AgentSecrets;
let bob: AgentSecrets;
let eve: AgentSecrets;
beforeAll(async () => {
  [ada, bob, eve] = [await makeAgentSecrets(), await makeAgentSecrets(), await makeAgentSecrets()];
});
const bytesOf = (length: number): Uint8Array => {
  const block = createHash('sha256').update(String(length)).digest();
  return Uint8Array.from({ length }, (_, at) => block[at % 32] ?? 0);
};

describe('an envelope', () => {
  it.each([0, 1, 15, 16, 17, 63, 64, 65, 1_000, 48_128, 65_536, 1_048_576])(
    'gives back %i bytes',
    async (length) => {
      const content = await sealEnvelope(header, ada, bob, bytesOf(length));
      const opened = await openEnvelope(header, bob, content);
      expect('plaintext' in opened && Buffer.from(opened.plaintext).equals(bytesOf(length))).toBe(true);
    },
  );

  it('fits the contract at the largest length that can be sent', async () => {
    const content = await sealEnvelope(header, ada, bob, bytesOf(48_128));
    expect(SealedContent.safeParse(content).success).toBe(true);
    expect(JSON.stringify(content).length).toBeLessThanOrEqual(65_536);
  });

  it('opens for nobody else', async () => {
    const content = await sealEnvelope(header, ada, bob, bytesOf(10));
    expect(await openEnvelope(header, eve, content)).toEqual({ flaw: 'cannot_open' });
    expect(await openEnvelope(header, ada, content)).toEqual({ flaw: 'cannot_open' });
  });

  it('is refused with any bit of its header, keys, bytes or signature changed', async () => {
    const content = await sealEnvelope(header, ada, bob, bytesOf(3));
    const fields = ['signingKey', 'sealingKey', 'enc', 'ciphertext', 'signature'] as const;
    let tried = 0;
    for (const field of fields) {
      const bytes = Buffer.from(content[field], 'base64url');
      for (let bit = 0; bit < bytes.length * 8; bit++) {
        const flipped = Buffer.from(bytes);
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        const changed = { ...content, [field]: flipped.toString('base64url') };
        expect([field, bit, await openEnvelope(header, bob, changed)]).toEqual([
          field,
          bit,
          { flaw: 'bad_signature' },
        ]);
        tried++;
      }
    }
    expect(tried).toBe(8 * (32 * 3 + 19 + 64));
    const changes: [string, string | undefined][] = Object.entries(header).map(([field, value]) => [
      field,
      `${value}0`,
    ]);
    for (const field of ['taskId', 'epoch', 'threadId']) changes.push([field, undefined]);
    for (const [field, value] of changes) {
      const other = { ...header, [field]: value };
      expect([field, await openEnvelope(other, bob, content)]).toEqual([field, { flaw: 'bad_signature' }]);
    }
  });
});

describe('the form of a sealed content', () => {
  it('has one text for the same bytes', async () => {
    const content = await sealEnvelope(header, ada, bob, bytesOf(3));
    for (const field of ['signingKey', 'sealingKey', 'enc', 'signature'] as const) {
      const last = content[field].at(-1) ?? '';
      const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
      const sameBytes = `${content[field].slice(0, -1)}${alphabet[alphabet.indexOf(last) + 1]}`;
      expect(Buffer.from(sameBytes, 'base64url')).toEqual(Buffer.from(content[field], 'base64url'));
      expect(SealedContent.safeParse({ ...content, [field]: sameBytes }).success).toBe(false);
      expect(SealedContent.safeParse({ ...content, [field]: `${content[field]}=` }).success).toBe(false);
    }
    expect(SealedContent.safeParse({ ...content, id: content.id.replace('0190', '019A') }).success).toBe(
      false,
    );
    expect(SealedContent.safeParse({ ...content, more: 1 }).success).toBe(false);
    expect(SealedContent.safeParse({ ...content, sealed: 2 }).success).toBe(false);
  });
});
