import { expect, it } from 'vitest';
import { openLineTo } from './open-line.ts';

it('names a host that is reached over a network without TLS, or without checking who it is', () => {
  const tails = ['', '?sslmode=disable', '?sslmode=no-verify', '?ssl=0', '?ssl=false'];
  const lax = ['prefer', 'require'].map((mode) => `?sslmode=${mode}&uselibpqcompat=true`);
  for (const host of ['db.example', '192.0.2.1', '[2001:db8::1]', '127.0.0.1.example', 'localhost.example'])
    for (const tail of [...tails, ...lax])
      expect([host, tail, openLineTo(`postgres://act_app@${host}/act${tail}`)]).toEqual([
        host,
        tail,
        host.replace(/[[\]]/g, ''),
      ]);
});

it('is not led astray by a host that stands elsewhere in the URL', () => {
  expect(openLineTo('postgres://act_app@localhost/act?host=db.example')).toBe('db.example');
  expect(openLineTo('postgres://act_app@db.example/act?host=/run/postgresql')).toBeUndefined();
});

it('names none for this machine, nor where certificate and name are checked', () => {
  for (const host of ['localhost', '127.0.0.1', '127.1.2.3', '[::1]', '%2Frun%2Fpostgresql'])
    expect([host, openLineTo(`postgres://act_app@${host}/act`)]).toEqual([host, undefined]);
  for (const tail of ['?sslmode=verify-full', '?ssl=true', '?sslmode=verify-full&uselibpqcompat=true'])
    expect([tail, openLineTo(`postgres://act_app@db.example/act${tail}`)]).toEqual([tail, undefined]);
});
