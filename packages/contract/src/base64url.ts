import { z } from 'zod';

/** The last character of a text that ends in so many bytes beyond a multiple of three: its unused bits are zero. */
const LAST: Readonly<Record<number, string>> = { 0: '[A-Za-z0-9_-]', 1: '[AQgw]', 2: '[AEIMQUYcgkosw048]' };

/**
 * Exactly so many bytes as base64url without padding (RFC 4648, section 5). Only the canonical text is taken, so
 * that the same bytes have one text: a flipped unused bit is an error, not the same key again.
 */
export const base64UrlOf = (bytes: number) =>
  z
    .string()
    .regex(new RegExp(`^[A-Za-z0-9_-]{${Math.ceil((bytes * 4) / 3) - 1}}${LAST[bytes % 3]}$`), {
      abort: true,
    })
    .meta({ description: `${bytes} bytes as base64url without padding` });

/** Any bytes from a length on, as canonical base64url without padding. */
export const base64UrlFrom = (bytesMin: number, charsMax: number) =>
  z
    .string()
    .min(Math.ceil((bytesMin * 4) / 3))
    .max(charsMax)
    .regex(/^(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048]|[A-Za-z0-9_-][AQgw])?$/)
    .meta({ description: `At least ${bytesMin} bytes as base64url without padding` });

/** As many arguments as a call safely takes. */
const PIECE = 8_192;

export const toBase64Url = (bytes: Uint8Array): string => {
  let binary = '';
  for (let from = 0; from < bytes.length; from += PIECE)
    binary += String.fromCharCode(...bytes.subarray(from, from + PIECE));
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
};

/** The bytes of a text that fits one of the schemas above; throws on characters that are not of its alphabet. */
export const fromBase64Url = (text: string): Uint8Array =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
