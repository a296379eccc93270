import { AUDIT_HEAD_TYPE, AuditHead, AuditKey, headText } from '@agentmix/act-contract';
import type { SignedHead } from '@agentmix/act-contract';
import { calculateJwkThumbprint, compactVerify, errors, importJWK } from 'jose';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** The key under the id that its own bytes make (RFC 7638): nobody can show another one for a head. */
const importKey = async (key: AuditKey): Promise<Awaited<ReturnType<typeof importJWK>> | undefined> => {
  const { kty, crv, x, kid } = AuditKey.parse(key);
  return (await calculateJwkThumbprint({ kty, crv, x })) === kid
    ? importJWK({ kty, crv, x }, 'EdDSA')
    : undefined;
};

/**
 * Reads a signed head; undefined when the key did not sign it, or it is not a head in its one spelling: a JWS with
 * Ed25519, the type of heads, and RFC 8785 canonical JSON. Whose key it is the caller has to know: the hub shows its
 * own at `/.well-known/jwks.json` for as long as it uses them.
 */
export const readHead = async ({
  head,
  key,
}: Pick<SignedHead, 'head' | 'key'>): Promise<AuditHead | undefined> => {
  try {
    const imported = await importKey(key);
    if (!imported) return undefined;
    const { payload, protectedHeader } = await compactVerify(head, imported, { algorithms: ['EdDSA'] });
    if (protectedHeader.typ !== AUDIT_HEAD_TYPE || protectedHeader.kid !== key.kid) return undefined;
    const text = decoder.decode(payload);
    const read = AuditHead.safeParse(JSON.parse(text));
    return read.success && headText(read.data) === text ? read.data : undefined;
  } catch (error) {
    // Not JSON, not UTF-8, not a JWS, or of another key.
    if (error instanceof errors.JOSEError || error instanceof TypeError || error instanceof SyntaxError)
      return undefined;
    throw error;
  }
};
