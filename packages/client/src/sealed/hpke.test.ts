import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { openBytes, sealBytes } from './hpke.ts';

// A flat object of hexadecimal texts.
const rfc = JSON.parse(
  readFileSync(new URL('../../test/vectors/rfc9180-a2.json', import.meta.url), 'utf8'),
) as Record<string, string>;
const bytes = (name: string): Uint8Array => Uint8Array.from(Buffer.from(rfc[name] ?? '', 'hex'));
const common = { info: bytes('info'), aad: bytes('aad') };
const vector = { ...common, secret: bytes('skRm'), enc: bytes('enc'), ciphertext: bytes('ct') };

it('seals as RFC 9180 does with its ephemeral key', async () => {
  const sealed = await sealBytes({
    ...common,
    recipient: bytes('pkRm'),
    plaintext: bytes('pt'),
    ephemeral: bytes('ikmE'),
  });
  expect(sealed).toEqual({ enc: bytes('enc'), ciphertext: bytes('ct') });
});

it('opens what RFC 9180 sealed, and nothing that differs from it in a bit', async () => {
  expect(await openBytes(vector)).toEqual(bytes('pt'));
  for (const field of ['secret', 'enc', 'ciphertext', 'aad', 'info'] as const) {
    for (let at = 0; at < vector[field].length; at++) {
      const flipped = vector[field].slice();
      // Bit 3: X25519 ignores the lowest three bits of a secret, and the highest two.
      flipped[at] = (flipped[at] ?? 0) ^ 8;
      expect([field, at, await openBytes({ ...vector, [field]: flipped })]).toEqual([field, at, undefined]);
    }
  }
});

it('seals twice to different bytes', async () => {
  const seal = () => sealBytes({ ...common, recipient: bytes('pkRm'), plaintext: bytes('pt') });
  const [one, other] = [await seal(), await seal()];
  expect(one.enc).not.toEqual(other.enc);
  expect(one.ciphertext).not.toEqual(other.ciphertext);
});

it.each([
  ['zero', '00'.repeat(32)],
  ['one', `01${'00'.repeat(31)}`],
  ['of order 8', 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'],
])('refuses to seal to the point %s, whose shared secret everybody has', async (_name, point) => {
  const recipient = Uint8Array.from(Buffer.from(point, 'hex'));
  await expect(sealBytes({ ...common, recipient, plaintext: bytes('pt') })).rejects.toThrow();
});
