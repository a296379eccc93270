import { fromBase64Url, isSmallOrder, toBase64Url } from '@agentmix/act-contract';

const ALGORITHM = 'Ed25519';
const { subtle } = globalThis.crypto;

/** A new Ed25519 key pair, public and private (the 32 bytes seed of RFC 8032), as base64url. */
export const generateSigningPair = async (): Promise<{ signingKey: string; signingSecret: string }> => {
  const pair = await subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  if (!('privateKey' in pair)) throw new Error('no key pair was made');
  const { x = '', d = '' } = await subtle.exportKey('jwk', pair.privateKey);
  return { signingKey: x, signingSecret: d };
};

/** Ed25519 (RFC 8032) over the statement, as base64url; the same statement gives the same signature. */
export const sign = async (
  { signingKey, signingSecret }: { readonly signingKey: string; readonly signingSecret: string },
  statement: Uint8Array,
): Promise<string> => {
  const jwk = { kty: 'OKP', crv: ALGORITHM, x: signingKey, d: signingSecret };
  const key = await subtle.importKey('jwk', jwk, ALGORITHM, false, ['sign']);
  return toBase64Url(new Uint8Array(await subtle.sign(ALGORITHM, key, statement)));
};

/** Whether the signature is by this key over the statement. No signature is by a key of small order. */
export const isSignedBy = async (
  signingKey: string,
  statement: Uint8Array,
  signature: string,
): Promise<boolean> => {
  if (isSmallOrder(signingKey)) return false;
  const key = await subtle.importKey('raw', fromBase64Url(signingKey), ALGORITHM, false, ['verify']);
  return subtle.verify(ALGORITHM, key, fromBase64Url(signature), statement);
};
