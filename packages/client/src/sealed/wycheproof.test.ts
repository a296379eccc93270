import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { toBase64Url } from '@agentmix/act-contract';
import { Chacha20Poly1305 } from '@hpke/chacha20poly1305';
import { DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { expect, it } from 'vitest';
import { isSignedBy } from './ed25519.ts';

const folder = resolve(process.env['ACT_DATA'] ?? '../shared/data', 'wycheproof');
type Vector = Readonly<Record<string, string>> & { readonly size: number };
interface Group {
  readonly publicKey: { readonly pk: string };
  readonly tests: readonly Vector[];
}

const bytes = (hex: string | undefined): Uint8Array => Uint8Array.from(Buffer.from(hex ?? '', 'hex'));
const hex = (data: ArrayBuffer): string => Buffer.from(data).toString('hex');

/** Runs every vector; the ids of those whose outcome is not what the file says. */
const primitive = (
  name: string,
  file: string,
  holds: (vector: Vector, group: Group) => Promise<boolean>,
): void =>
  it(`${name} does what Wycheproof says`, { timeout: 120_000 }, async (context) => {
    const path = resolve(folder, file);
    if (!existsSync(path)) return context.skip(`${path} is not there; set ACT_DATA`);
    // A file of C2SP/wycheproof.
    const { testGroups } = JSON.parse(readFileSync(path, 'utf8')) as { testGroups: Group[] };
    const wrong: unknown[] = [];
    let tried = 0;
    for (const group of testGroups) {
      for (const vector of group.tests) {
        tried++;
        if (!(await holds(vector, group))) wrong.push(vector);
      }
    }
    expect(wrong).toEqual([]);
    expect(tried).toBeGreaterThan(80);
  });

primitive('Ed25519', 'ed25519_test.json', async ({ msg, sig, result }, { publicKey }) => {
  const signature = bytes(sig);
  const isValid = await isSignedBy(toBase64Url(bytes(publicKey.pk)), bytes(msg), toBase64Url(signature));
  return isValid === (result === 'valid');
});

primitive('X25519', 'x25519_test.json', async ({ public: key, private: secret, shared }) => {
  const kem = new DhkemX25519HkdfSha256();
  const own = await kem.importKey('raw', bytes(secret), false);
  const other = await kem.importKey('raw', bytes(key), true);
  const derived = await crypto.subtle
    .deriveBits({ name: 'X25519', public: other }, own, 256)
    .then(hex, () => 'refused');
  // RFC 9180, section 7.1.4: a shared secret of zeros has to be refused.
  return derived === (bytes(shared).every((byte) => byte === 0) ? 'refused' : shared);
});

primitive('ChaCha20-Poly1305', 'chacha20_poly1305_test.json', async (vector) => {
  const { key, iv, aad, msg, ct, tag, result } = vector;
  const cipher = new Chacha20Poly1305().createEncryptionContext(bytes(key));
  const opened = await cipher.open(bytes(iv), bytes(`${ct}${tag}`), bytes(aad)).then(hex, () => undefined);
  if (result !== 'valid') return opened === undefined;
  return opened === msg && hex(await cipher.seal(bytes(iv), bytes(msg), bytes(aad))) === `${ct}${tag}`;
});

primitive('HKDF-SHA256', 'hkdf_sha256_test.json', async ({ ikm, salt, info, size, okm, result }) => {
  const kdf = new HkdfSha256();
  const made = await kdf
    .extractAndExpand(bytes(salt), bytes(ikm), bytes(info), size)
    .then(hex, () => 'refused');
  return made === (result === 'valid' ? okm : 'refused');
});
