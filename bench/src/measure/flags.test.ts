import { expect, test } from 'vitest';

import { readFlags } from './flags.ts';

test('a flag that is not given keeps its default', () => {
  expect(readFlags(['--rounds', '3'], { rounds: 5, tasks: 10 })).toEqual({
    rounds: 3,
    tasks: 10,
    json: false,
  });
});

test('--only is a pattern without regard to case', () => {
  expect(readFlags(['--json', '--only', 'NAIVE'], {})).toEqual({ json: true, only: /NAIVE/i });
});

test('refuses what is no whole number, and flags it does not know', () => {
  expect(() => readFlags(['--rounds', '2.5'], { rounds: 5 })).toThrow('whole number');
  expect(() => readFlags(['--rounds', '99999999'], { rounds: 5 })).toThrow('whole number');
  expect(() => readFlags(['--laps', '1'], { rounds: 5 })).toThrow();
});

test('--assert and --data are for every bench', () => {
  expect(readFlags(['--assert', '--data', 'folder'], {})).toEqual({
    json: false,
    assert: true,
    data: 'folder',
  });
});
