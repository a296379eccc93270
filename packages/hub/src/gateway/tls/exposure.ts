import { BlockList, isIP } from 'node:net';
import { ConfigError } from '../../config/integer.ts';
import type { HubConfig } from '../../config/env.ts';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8);
loopback.addAddress('::1', 'ipv6');

const bare = (host: string): string => host.toLowerCase().replace(/^\[|\]$/g, '');

/** Whether only this machine reaches the address. A name other than localhost is taken for a public one. */
export const isLoopback = (host: string): boolean => {
  const name = bare(host);
  const family = isIP(name);
  return family === 0 ? name === 'localhost' : loopback.check(name, family === 6 ? 'ipv6' : 'ipv4');
};

/** A token that crosses a network in the clear is everybody’s: throws ConfigError. */
export const checkExposure = ({ host, tls, isTlsTerminated }: HubConfig): void => {
  if (isLoopback(host) || tls || isTlsTerminated) return;
  throw new ConfigError(
    `ACT_HOST ${host} is reached from other machines, and without TLS so is every token: set ACT_TLS_CERT and ` +
      'ACT_TLS_KEY, or ACT_TLS_TERMINATED=1 where a proxy in front of the hub speaks TLS',
  );
};

/** Whether a browser that called this host shall come by TLS only from now on: a name, and not this machine’s. */
export const isStrictHost = (host: string | undefined, isTls: boolean): boolean => {
  const name = bare((host ?? '').replace(/:\d+$/, ''));
  return isTls && name !== '' && !isLoopback(name) && isIP(name) === 0;
};
