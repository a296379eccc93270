import { isIPv6 } from 'node:net';
import type { IncomingMessage } from 'node:http';

/** The 64 bits of an IPv6 address that name a network: whoever has one address of it has them all. */
const network = (address: string): string => {
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
};

/** What an address is counted by: IPv4 as it is, however it is written; IPv6 by its network. */
export const addressKey = (address: string | undefined): string => {
  const plain = (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  return isIPv6(plain) && plain !== '::1' ? network(plain) : plain;
};

/**
 * Who calls. Behind a proxy it is the last address in X-Forwarded-For, which the proxy itself added: those before it
 * are whatever the caller wrote.
 */
export const callerAddress = (
  { headers, socket }: Pick<IncomingMessage, 'headers' | 'socket'>,
  isProxied: boolean,
): string => {
  const forwarded = isProxied ? headers['x-forwarded-for'] : undefined;
  const last = (typeof forwarded === 'string' ? forwarded : undefined)?.split(',').at(-1)?.trim();
  return addressKey(last || socket.remoteAddress);
};
