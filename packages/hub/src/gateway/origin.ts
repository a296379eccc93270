import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { refusal } from '@agentmix/act-contract';
import type { Refusal } from '@agentmix/act-contract';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

export interface OriginOptions {
  /** Names besides the loopback ones that a Host header may carry. */
  readonly allowedHosts: readonly string[];
  /** Origins of pages that may call, besides the hub’s own. */
  readonly allowedOrigins: readonly string[];
}

export type Verdict =
  /** `page`: the allowed foreign origin that may read the answer. */
  | { readonly kind: 'served'; readonly page?: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** A page that was rebound to this hub may read any answer, so it gets none. */
  | { readonly kind: 'ignored'; readonly host: string };

export type Judge = (headers: IncomingHttpHeaders, isProbe: boolean) => Verdict;

const hostName = (host: string): string => host.toLowerCase().replace(/:\d+$/, '');
const isAddress = (name: string): boolean => isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;

/**
 * Browsers always send Accept-Language, and a page can alter it but not take it away. Programs that send it for the
 * likeness of `fetch` send Sec-Fetch-Mode without Sec-Fetch-Site, which no browser does.
 */
const isPage = (headers: IncomingHttpHeaders): boolean =>
  headers['accept-language'] !== undefined &&
  (headers['sec-fetch-mode'] === undefined || headers['sec-fetch-site'] !== undefined);

const isOwn = (origin: string, host: string): boolean =>
  URL.canParse(origin) && new URL(origin).host === host.toLowerCase();

/**
 * Who may knock, the same for every door. A page in the user’s browser that was rebound to 127.0.0.1 carries its own
 * Host; one that calls across origins carries its Origin or Sec-Fetch-Site. Probes of health come by address, which
 * nobody can rebind.
 */
export const makeJudge = ({ allowedHosts, allowedOrigins }: OriginOptions): Judge => {
  const hosts = new Set([...LOOPBACK, ...allowedHosts.map((host) => host.toLowerCase())]);
  return (headers, isProbe) => {
    const { host = '', origin } = headers;
    const name = hostName(host);
    if (!hosts.has(name) && !(isProbe && isAddress(name)))
      return isPage(headers)
        ? { kind: 'ignored', host }
        : {
            kind: 'refused',
            refusal: refusal('forbidden_host', 'set ACT_ALLOWED_HOSTS to serve other names'),
          };
    if (origin === undefined) {
      const site = headers['sec-fetch-site'];
      return site === 'cross-site' || site === 'same-site'
        ? { kind: 'refused', refusal: refusal('forbidden_origin') }
        : { kind: 'served' };
    }
    if (allowedOrigins.includes(origin)) return { kind: 'served', page: origin };
    return isOwn(origin, host)
      ? { kind: 'served' }
      : { kind: 'refused', refusal: refusal('forbidden_origin') };
  };
};
