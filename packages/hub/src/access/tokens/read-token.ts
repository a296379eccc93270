import { ACCESS_TOKEN_CHARS_MAX, AccessTokenHeader } from '@agentmix/act-contract';

/** Header, payload, and the 64 bytes of an Ed25519 signature, each in base64url. */
const TOKEN_PATTERN = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})$/;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes of base64url in its one spelling: without padding, with unused bits 0. */
const bytesOf = (part: string): Buffer | undefined => {
  const bytes = Buffer.from(part, 'base64url');
  return bytes.toString('base64url') === part ? bytes : undefined;
};

/**
 * JSON in the one spelling that `JSON.stringify` gives it, as the hub writes its tokens. So there is one reading only:
 * a repeated member, an escape, white space or another form of a number is not a token of ours.
 */
const jsonOf = (part: string): unknown => {
  const bytes = bytesOf(part);
  if (!bytes) return undefined;
  try {
    const text = utf8.decode(bytes);
    const value: unknown = JSON.parse(text);
    return JSON.stringify(value) === text ? value : undefined;
  } catch (error) {
    // Not UTF-8, or not JSON.
    if (error instanceof TypeError || error instanceof SyntaxError) return undefined;
    throw error;
  }
};

/** What a token says, nothing of which is proven. */
export interface ReadToken {
  readonly kid: string;
  readonly payload: unknown;
}

/** Reads the form of a token before any key is looked for; undefined when it has not the form of ours. Linear time. */
export const readToken = (token: string): ReadToken | undefined => {
  if (token.length > ACCESS_TOKEN_CHARS_MAX) return undefined;
  const [, header = '', body = '', signature = ''] = TOKEN_PATTERN.exec(token) ?? [];
  if (!bytesOf(signature)) return undefined;
  const read = AccessTokenHeader.safeParse(jsonOf(header));
  const payload = jsonOf(body);
  if (!read.success || payload === undefined) return undefined;
  return { kid: read.data.kid, payload };
};
