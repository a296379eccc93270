import { BlockList, isIP } from 'node:net';
import pg from 'pg';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

/** A directory of Unix sockets, or an address that only this machine has. */
const isHere = (host: string): boolean => {
  const family = isIP(host);
  if (family === 0) return host === 'localhost' || host.startsWith('/');
  return loopback.check(host, family === 6 ? 'ipv6' : 'ipv4');
};

/** Whether the connection is encrypted, to a server whose certificate and name are checked. */
const isVerified = (ssl: unknown): boolean =>
  ssl === true ||
  (typeof ssl === 'object' &&
    ssl !== null &&
    !('checkServerIdentity' in ssl) &&
    (!('rejectUnauthorized' in ssl) || ssl.rejectUnauthorized === true));

/**
 * The host that this URL reaches over a network without TLS, or without knowing who it is; absent when there is none.
 * The driver reads the URL, and the environment that it also heeds, as it does for a connection.
 */
export const openLineTo = (url: string): string | undefined => {
  const { host, ssl } = new pg.Client({ connectionString: url });
  return isHere(host) || isVerified(ssl) ? undefined : host;
};
