import { expect, it } from 'vitest';
import { makeAsCalled } from './as-called.ts';

it('tells the command as it can be typed where it was started', () => {
  const words = 'start it: act up\nthen act task next; act tells, compact up';
  const told = (env: Record<string, string>, script: string) => makeAsCalled(env, script)(words);
  expect(told({}, '/usr/bin/act')).toBe(words);
  expect(told({ npm_package_name: 'shop' }, '/usr/bin/act')).toBe(words);
  expect(told({ npm_package_name: 'act-hub' }, '/clone/scripts/act.mjs')).toBe(
    'start it: npm run act -- up\nthen npm run act -- task next; act tells, compact up',
  );
  expect(told({}, '/clone/scripts/act.mjs')).toContain('start it: node /clone/scripts/act.mjs up\n');
});
