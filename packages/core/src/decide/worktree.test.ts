import { expect, it } from 'vitest';
import type { CommandArguments, NewEvent } from '@agentmix/act-contract';
import { WORKTREE_FILES_MAX } from '@agentmix/act-contract';
import { given, happened as h, id } from '../../../testing/src/given.ts';

const ADA = id(101);
const BOB = id(102);
type Report = CommandArguments<'worktree.report'>;
type File = Report['files'][number];

const line = (path: string, start: number): File => ({
  path,
  status: 'modified',
  hunks: [{ start, length: 1, newLength: 1 }],
});
const report = (sessionId: string, key: string, tree: string, files: File[], more: Partial<Report> = {}) => ({
  sessionId,
  worktree: { key, tree },
  files,
  ...more,
});
const reported = (agentId: string, { gone = [], merges = [], ...rest }: Report): NewEvent => ({
  type: 'worktree.reported',
  agentId,
  data: { ...rest, gone, merges },
});
const conflict = (path: string, kind?: 'content'): NewEvent => ({
  type: 'conflict.predicted',
  data: { worktrees: ['a', 'b'], agents: ['ada', 'bob'], path, ...(kind ? { kind } : {}) },
});
const withdrawn = (path: string, reason: 'gone' | 'session_over'): NewEvent => ({
  type: 'conflict.withdrawn',
  data: { worktrees: ['a', 'b'], agents: ['ada', 'bob'], path, reason },
});

const start = [h.project(), h.joined('ada', 101), h.joined('bob', 102)];
const adas = report(ADA, 'a', 'a1', [line('x', 5), line('y', 1)]);
const bobs = report(BOB, 'b', 'b1', [line('x', 6)]);
const both = [...start, reported('ada', adas), reported('bob', bobs), conflict('x', 'content')];

it('tells a conflict with the report that brings it', () => {
  given(...start, reported('ada', adas))
    .when('worktree.report', bobs)
    .then(reported('bob', bobs), conflict('x', 'content'));
});

it('logs only what changed since the report before, and tells no conflict again', () => {
  const more = report(BOB, 'b', 'b2', [line('y', 2)], { since: 'b1' });
  given(...both)
    .when('worktree.report', more)
    .then(reported('bob', more), conflict('y', 'content'));
});

it('withdraws what is gone', () => {
  const undone = report(BOB, 'b', 'b2', [], { since: 'b1', gone: ['x'] });
  given(...both)
    .when('worktree.report', undone)
    .then(reported('bob', undone), withdrawn('x', 'gone'));
});

it('believes git where it merged what both reported last', () => {
  const merged = report(BOB, 'b', 'b2', [], {
    since: 'b1',
    merges: [{ key: 'a', tree: 'a1', paths: ['y'] }],
  });
  given(...both)
    .when('worktree.report', merged)
    .then(reported('bob', merged), withdrawn('x', 'gone'), conflict('y'));
});

it('ends worktrees with their session, and their conflicts', () => {
  const left = given(...both).when('agent.disconnect', { sessionId: BOB });
  left.then(h.left('bob', 102, 'disconnected'), withdrawn('x', 'session_over'));
  expect([...left.state.worktrees.keys()]).toEqual(['a']);
});

it('predicts nothing between worktrees of one agent', () => {
  const second = report(ADA, 'c', 'c1', [line('x', 5)]);
  given(...start, reported('ada', adas))
    .when('worktree.report', second)
    .then(reported('ada', second));
});

it('says nothing when a report is repeated', () => {
  given(...both)
    .when('worktree.report', bobs)
    .then();
});

it('asks for a whole report where it does not know the one that is changed', () => {
  for (const key of ['b', 'new'])
    given(...both)
      .when('worktree.report', report(BOB, key, 'b9', [], { since: 'b8' }))
      .then('report_out_of_step');
});

it('takes a worktree from no other agent', () => {
  given(...both)
    .when('worktree.report', report(BOB, 'a', 'b9', []))
    .then('worktree_not_yours');
});

it('refuses what a chain of reports makes too large', () => {
  const full = Array.from({ length: WORKTREE_FILES_MAX }, (_, at) => line(`src/${at}`, 1));
  given(...start, reported('ada', report(ADA, 'a', 'a1', full)))
    .when('worktree.report', report(ADA, 'a', 'a2', [line('one-more', 1)], { since: 'a1' }))
    .then('limit_reached');
});
