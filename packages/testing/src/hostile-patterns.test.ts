import { expect, it } from 'vitest';
import { decide } from '@agentmix/act-core';
import { contextOf, given, happened as h } from './given.ts';
import { commandOf } from './records.ts';

it('counts 16 large commits beside 20,000 tasks with hostile patterns, and flags none of them', () => {
  const hostile = Array.from({ length: 20_000 }, (_, at) =>
    h.task(1_000 + at, { filePaths: [`${'*a'.repeat(40)}${at}`, '**/x'] }),
  );
  const { state } = given(h.project(), ...hostile);
  const paths = Array.from({ length: 256 }, (_, at) => `${'a'.repeat(200)}${at}`);
  const commits = Array.from({ length: 16 }, (_, at) => ({
    commit: String(at).padStart(40, '0'),
    paths,
  }));
  const decided = decide(state, commandOf('branch.report', { branch: 'main', commits }), contextOf());
  const types = 'events' in decided ? decided.events.map(({ type }) => type) : [];
  expect(types).toEqual(commits.map(() => 'branch.advanced'));
});
