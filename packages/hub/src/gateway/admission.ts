import type { IncomingHttpHeaders } from 'node:http';
import { refusal } from '@agentmix/act-contract';
import type { Refusal } from '@agentmix/act-contract';

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

export interface AdmissionOptions {
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
}

export interface Admission {
  /** Whether the call came to us by name, and not from a page of another origin. */
  readonly checkOrigin: (headers: IncomingHttpHeaders) => Refusal | undefined;
}

const hostName = (host: string): string => host.toLowerCase().replace(/:\d+$/, '');

const originOf = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);

/**
 * Where a call may come from, the same for every door. A page in the user’s browser that was rebound to 127.0.0.1 carries its
 * own Host; one that calls across origins carries its Origin or Sec-Fetch-Site; neither has the token.
 */
export const makeAdmission = ({ allowedHosts, allowedOrigins }: AdmissionOptions): Admission => {
  const hosts = new Set([...LOOPBACK, ...allowedHosts.map((host) => host.toLowerCase())]);
  const isAllowedOrigin = (origin: string, host: string): boolean => {
    if (allowedOrigins.includes(origin)) return true;
    const url = originOf(origin);
    return url !== undefined && url.host === host.toLowerCase();
  };
  return {
    checkOrigin: (headers) => {
      const host = headers.host;
      if (host === undefined || !hosts.has(hostName(host)))
        return refusal('forbidden_host', 'set ACT_ALLOWED_HOSTS to serve other names');
      const site = headers['sec-fetch-site'];
      if (headers.origin !== undefined && !isAllowedOrigin(headers.origin, host))
        return refusal('forbidden_origin');
      if (headers.origin === undefined && (site === 'cross-site' || site === 'same-site'))
        return refusal('forbidden_origin');
      return undefined;
    },
  };
};

/** The token of an Authorization header. */
export const bearerToken = (header: string | undefined): string | undefined =>
  /^Bearer +(\S+)$/i.exec(header ?? '')?.[1];
