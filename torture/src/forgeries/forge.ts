import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';

/** A token that must be refused, and why. */
export interface Forgery {
  readonly name: string;
  readonly token: string;
}

export interface SigningPair {
  readonly kid: string;
  readonly privateKey: KeyObject;
}

export interface ForgeryContext {
  /** An access token that the hub takes at this moment; its header and claims are what forgeries begin with. */
  readonly token: string;
  /** The key it is signed with: for tokens that are signed rightly and say what they must not. */
  readonly signer: SigningPair;
  /** A key that was retired, where there is one. */
  readonly retired?: SigningPair;
}

export type Sign = (input: Buffer) => Buffer;
/** An object, or the exact text or bytes. */
export type Part = object | string | Buffer;

export const encode = (part: Part): string =>
  (Buffer.isBuffer(part)
    ? part
    : Buffer.from(typeof part === 'string' ? part : JSON.stringify(part))
  ).toString('base64url');

/** The tools of one context: its parts, the hub’s key, and a stranger’s. */
export const makeForge = ({ token, signer }: ForgeryContext) => {
  const header = decodeProtectedHeader(token);
  const claims = decodeJwt(token);
  const stranger = generateKeyPairSync('ed25519');
  const own: Sign = (input) => sign(null, input, signer.privateKey);
  const strange: Sign = (input) => sign(null, input, stranger.privateKey);
  const sealed = (head: Part, body: Part, by: Sign = own): string => {
    const input = `${encode(head)}.${encode(body)}`;
    return `${input}.${by(Buffer.from(input)).toString('base64url')}`;
  };
  return {
    token,
    header,
    claims,
    own,
    strange,
    stranger,
    publicKey: createPublicKey(signer.privateKey),
    sealed,
    /** Signed by the hub’s key, with other members in the header. */
    withHeader: (change: object, by: Sign = own): string => sealed({ ...header, ...change }, claims, by),
    /** Signed by the hub’s key, with other claims. */
    withClaims: (change: object): string => sealed(header, { ...claims, ...change }),
    /** The JSON text of header or claims, spelled otherwise. */
    respelled: (spellHeader: (text: string) => string, spellClaims: (text: string) => string): string =>
      sealed(spellHeader(JSON.stringify(header)), spellClaims(JSON.stringify(claims))),
  };
};

export type Forge = ReturnType<typeof makeForge>;
/** Name → token. */
export type Forged = Readonly<Record<string, string>>;
