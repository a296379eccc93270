import type { Whisper } from '@agentmix/act-core';
import { expect, it } from 'vitest';
import { makeRateLimiter } from './rate-limiter.ts';
import { shareCounts } from './shared-counts.ts';

const makeHub = () => {
  let whisper: Whisper | undefined;
  const limiters = {
    principals: makeRateLimiter(10, () => 0, true),
    projects: makeRateLimiter(10, () => 0, true),
  };
  shareCounts({ add: (_topic, added) => void (whisper = added) }, limiters);
  if (!whisper) throw new Error('nothing was added');
  return { ...limiters, ...whisper };
};

it('carries what one hub granted to another, each limit for itself', () => {
  const [one, other] = [makeHub(), makeHub()];
  expect(one.tell()).toBeUndefined();
  for (let calls = 0; calls < 10; calls++) one.principals.consume('ada');
  other.hear(one.tell() ?? '');
  expect(one.tell()).toBeUndefined();
  expect(other.principals.peek('ada')).toBe(1_000);
  expect(other.projects.peek('ada')).toBeUndefined();
});

it('takes nothing from what is no count', () => {
  const { hear, principals } = makeHub();
  const counts = ['x', [], [1, 10], ['ada'], ['ada', -5], ['ada', 0.5], ['ada', '10'], null];
  for (const text of ['', 'null', '[]', '7', '{"principals":7}', JSON.stringify({ principals: counts })])
    hear(text);
  for (let calls = 0; calls < 10; calls++) expect(principals.consume('ada')).toBeUndefined();
});
