import { expect, it } from 'vitest';
import { refusedAs } from './connection.ts';

it('takes Redis from 6.2 on', () => {
  for (const version of ['6.2.0', '6.10.1', '7.0.15', '8.4.0', '10.0.0'])
    expect(refusedAs(version)).toBeUndefined();
  for (const version of ['6.0.16', '5.0.7', '2.8.24'])
    expect(refusedAs(version)?.message).toMatch(/^the Redis of REDIS_URL is too old .*6\.2 or later$/);
});
