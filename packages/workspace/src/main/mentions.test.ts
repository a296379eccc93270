import { expect, it } from 'vitest';
import { mentionsOf } from './mentions.ts';

it.each([
  ['Login page (#12)', ['#12']],
  ['ACT-7: login page', ['ACT-7']],
  ['core: do 01890a5d-ac96-774b-bcce-b302099a8057', ['01890a5d-ac96-774b-bcce-b302099a8057']],
  ['prepare\n\nFixes #1, #2 and ACT-3.', ['#1', '#2', 'ACT-3']],
  ['prepare\n\nTask: login, logout\nCloses: sign up', ['login', 'logout']],
])('takes what the message %j says it does', (message, mentions) =>
  expect(mentionsOf([message])).toEqual(mentions),
);

it.each([
  ['refs #12'],
  ['part of #12, see ACT-7'],
  ['prepare\n\nThis is for #12 and follows ACT-7.'],
  ['fix the login page'],
  ['Revert "Login page (#12)"'],
  ['Revert: Fixes #12'],
  ['C-like #x a#12b'],
])('takes nothing of the message %j', (message) => expect(mentionsOf([message])).toEqual([]));

it('takes each name once, at most 32, and none that no key could be', () => {
  const many = Array.from({ length: 50 }, (_, at) => `ACT-${at}`);
  expect(mentionsOf(['ACT-1 ACT-1', ...many])).toHaveLength(32);
  expect(mentionsOf(['ACT-1', 'ACT-1'])).toEqual(['ACT-1']);
  expect(mentionsOf([`x\n\nTask: ${'k'.repeat(256)}`])).toEqual([]);
});

it('reads hostile messages in no time', () => {
  const began = performance.now();
  for (const part of ['fixes ', 'a-', 'fixes #1,', '#1 and ', 'task:', 'a-1'])
    mentionsOf([part.repeat(100_000), `x\n${part.repeat(100_000)}`]);
  // Milliseconds; a pattern that backtracks would take minutes.
  expect(performance.now() - began).toBeLessThan(10_000);
});
