import { Chacha20Poly1305 } from '@hpke/chacha20poly1305';
import { CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';

/** RFC 9180: KEM 0x0020, KDF 0x0001, AEAD 0x0003. The KEM is WebCrypto’s X25519, the AEAD is JavaScript. */
const makeSuite = () =>
  new CipherSuite({
    kem: new DhkemX25519HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Chacha20Poly1305(),
  });
const suite = makeSuite();

export interface SealInput {
  /** The recipient’s public key, 32 bytes. */
  readonly recipient: Uint8Array;
  readonly info: Uint8Array;
  readonly aad: Uint8Array;
  readonly plaintext: Uint8Array;
  /** `ikmE` of RFC 9180: for test vectors only. Twice the same would be the same key and nonce twice. */
  readonly ephemeral?: Uint8Array;
}

export interface SealedBytes {
  /** The encapsulated key, 32 bytes. */
  readonly enc: Uint8Array;
  /** As long as the plaintext and 16 bytes. */
  readonly ciphertext: Uint8Array;
}

/** Seals bytes in base mode, single shot. Rejects when the key is a point of small order. */
export const sealBytes = async (input: SealInput): Promise<SealedBytes> => {
  const { recipient, info, aad, plaintext, ephemeral } = input;
  const recipientPublicKey = await suite.kem.importKey('raw', recipient, true);
  const params = { recipientPublicKey, info, ...(ephemeral === undefined ? {} : { ekm: ephemeral }) };
  const { enc, ct } = await suite.seal(params, plaintext, aad);
  return { enc: new Uint8Array(enc), ciphertext: new Uint8Array(ct) };
};

export interface OpenInput extends SealedBytes {
  /** The recipient’s private key, 32 bytes. */
  readonly secret: Uint8Array;
  readonly info: Uint8Array;
  readonly aad: Uint8Array;
}

/** The plaintext, or undefined when it was not sealed to this key with this `info` and `aad`. */
export const openBytes = async (input: OpenInput): Promise<Uint8Array | undefined> => {
  const { secret, info, aad, enc, ciphertext } = input;
  const recipientKey = await suite.kem.importKey('raw', secret, false);
  try {
    return new Uint8Array(await suite.open({ recipientKey, enc, info }, ciphertext, aad));
  } catch {
    // Which step failed is nobody’s business: a wrong key and a changed byte look the same.
    return undefined;
  }
};

/** A new X25519 key pair, public and private, 32 bytes each. */
export const generateSealingPair = async (): Promise<{ key: Uint8Array; secret: Uint8Array }> => {
  const { publicKey, privateKey } = await suite.kem.generateKeyPair();
  const key = await suite.kem.serializePublicKey(publicKey);
  const secret = await suite.kem.serializePrivateKey(privateKey);
  return { key: new Uint8Array(key), secret: new Uint8Array(secret) };
};
