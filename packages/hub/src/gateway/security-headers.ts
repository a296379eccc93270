import { ServerResponse } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeader, OutgoingHttpHeaders } from 'node:http';
import { isStrictHost } from './tls/exposure.ts';

/** Nothing in an answer is to be run, framed, guessed at, kept, or loaded by a page of another origin. */
const SECURITY_HEADERS = {
  // What default-src does not stand for is named one by one.
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

/** Two years, as browsers’ preload lists ask for. Every subdomain of a hub’s own name is the hub’s. */
const STRICT_TRANSPORT = 'max-age=63072000; includeSubDomains';

/** What the page at /docs needs: its own scripts and styles, and calls to this hub. */
export const DOCUMENTS_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** `isStrict`: called over TLS, by a name of its own; on `localhost` it would bind every other port. */
export const securityHeaders = (isStrict: boolean): Readonly<Record<string, string>> =>
  isStrict ? { ...SECURITY_HEADERS, 'strict-transport-security': STRICT_TRANSPORT } : SECURITY_HEADERS;

const PLAIN = Object.entries(securityHeaders(false));
const STRICT = Object.entries(securityHeaders(true));

type Headers = OutgoingHttpHeaders | OutgoingHttpHeader[];

/**
 * Responses that send the headers, for `http.createServer`: so whoever answers, a door, the framework or Node itself,
 * sends them. They come when the head is written, in one list with all others: were some set before, Node would set
 * all others one by one, too, and an object spread from two takes three times as long. What a door says of itself is
 * sent in their place.
 */
export const responseWith = (isTls: boolean): typeof ServerResponse =>
  class<Request extends IncomingMessage> extends ServerResponse<Request> {
    override writeHead(status: number, first?: string | Headers, second?: Headers): this {
      const [reason, given] = typeof first === 'string' ? [first, second] : [undefined, first];
      const own = isStrictHost(this.req.headers.host, isTls) ? STRICT : PLAIN;
      if (Array.isArray(given)) {
        for (const [name, value] of own) if (!this.hasHeader(name)) this.setHeader(name, value);
        return super.writeHead(status, reason, given);
      }
      const list: OutgoingHttpHeader[] = [];
      for (const [name, value] of own)
        if (!(given && name in given) && !this.hasHeader(name)) list.push(name, value);
      for (const [name, value] of Object.entries(given ?? {}))
        if (value !== undefined) list.push(name, value);
      return super.writeHead(status, reason, list);
    }
  };
