import type { IncomingMessage } from 'node:http';
import { expect, it } from 'vitest';
import { addressKey, callerAddress } from './address.ts';

it('counts IPv4 by the address, also where it is written as IPv6', () => {
  expect(addressKey('192.0.2.7')).toBe('192.0.2.7');
  expect(addressKey('::ffff:192.0.2.7')).toBe('192.0.2.7');
});

it('counts IPv6 by the network, however it is written', () => {
  const same = [
    '2001:db8:1:2::1',
    '2001:db8:1:2:ffff:ffff:ffff:ffff',
    '2001:0db8:0001:0002::',
    '2001:db8:1:2::1%eth0',
  ];
  expect(new Set(same.map(addressKey))).toEqual(new Set(['2001:db8:1:2::/64']));
  expect(addressKey('2001:db8:1:3::1')).toBe('2001:db8:1:3::/64');
  expect(addressKey('fe80::1')).toBe('fe80:0:0:0::/64');
  expect(addressKey('::1')).toBe('::1');
});

it('is the address that the proxy added, and never what the caller wrote before it', () => {
  const request = (forwarded?: string) =>
    ({
      headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
      socket: { remoteAddress: '127.0.0.1' },
    }) as unknown as IncomingMessage;
  expect(callerAddress(request('10.0.0.1, 192.0.2.7'), true)).toBe('192.0.2.7');
  expect(callerAddress(request('10.0.0.1, 192.0.2.7'), false)).toBe('127.0.0.1');
  expect(callerAddress(request(), true)).toBe('127.0.0.1');
  expect(callerAddress(request(''), true)).toBe('127.0.0.1');
});
