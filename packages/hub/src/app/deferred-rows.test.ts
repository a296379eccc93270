import { emptyState, makeTalk } from '@agentmix/act-core';
import type { Commit, LaneCommand } from '@agentmix/act-core';
import { uuidv7 } from 'uuidv7';
import { expect, it } from 'vitest';
import { newTask } from '../../test/make-service.ts';
import { decideBatch } from './batch.ts';
import { timeOf } from './command-id.ts';
import { DEFERRED_MS_MAX, DeferredRows } from './deferred-rows.ts';
import { RecentCommands } from './recent-commands.ts';

/** A project with tasks and a session; returns what makes the commit of a batch. */
const makeProject = (tasks: number) => {
  const state = emptyState(uuidv7());
  const recent = new RecentCommands(0);
  const commitOf = (...commands: LaneCommand[]): Commit => {
    const waiting = commands.map((command) => {
      const id = uuidv7();
      return {
        id,
        madeAt: timeOf(id),
        command,
        resolve: () => undefined,
        queuedAt: 0,
        solo: false,
      };
    });
    const context = {
      now: 1,
      newId: uuidv7,
      seeking: new Set<string>(),
      talk: makeTalk(),
      isSignedBy: () => false,
    };
    const { commit } = decideBatch(state, recent, waiting, context, 1);
    if (!commit) throw new Error('nothing changed');
    return commit;
  };
  commitOf({ name: 'project.create', input: { name: 'p', settings: {} } } as unknown as LaneCommand);
  const agent = { agentId: 'a', name: 'a', capabilities: [], leaseMs: 60_000, patterns: [] };
  commitOf({ name: 'agent.register', input: agent } as unknown as LaneCommand);
  for (let task = 0; task < tasks; task++) commitOf({ name: 'task.create', input: newTask(`t${task}`) });
  const [sessionId = ''] = state.sessions.keys();
  return { commitOf, claim: { name: 'task.next', input: { sessionId, waitMs: 0 } } as const };
};

it('writes rows at once while batches are small and seldom', () => {
  const { commitOf, claim } = makeProject(8);
  const rows = new DeferredRows(true);
  for (let batch = 0; batch < 8; batch++) {
    const commit = rows.prepare(commitOf(claim), batch * (DEFERRED_MS_MAX / 2));
    expect(commit.isRecordOnly).toBeUndefined();
    expect(commit.changes.tasks.size).toBe(1);
  }
  expect(rows.isBehind).toBe(false);
});

it('defers rows from the fourth small batch within the time they may be behind, then writes them all', () => {
  const { commitOf, claim } = makeProject(6);
  const rows = new DeferredRows(true);
  const isDeferred = [0, 1, 2, 3, 4].map((at) => rows.prepare(commitOf(claim), at).isRecordOnly ?? false);
  expect(isDeferred).toEqual([false, false, false, true, true]);
  expect(rows.isBehind).toBe(true);
  const late = rows.prepare(commitOf(claim), 4 + DEFERRED_MS_MAX);
  expect(late.isRecordOnly).toBeUndefined();
  expect(late.changes.tasks.size).toBe(3);
  expect(rows.isBehind).toBe(false);
});

it('never defers what is more than a plain step of a task, and writes with it what is behind', () => {
  const { commitOf, claim } = makeProject(4);
  const rows = new DeferredRows(true);
  for (let at = 0; at < 4; at++) rows.prepare(commitOf(claim), at);
  const commit = rows.prepare(commitOf({ name: 'task.create', input: newTask('new') }), 4);
  expect(commit.isRecordOnly).toBeUndefined();
  expect(commit.changes.tasks.size).toBe(2);
});

it('keeps what is being written by itself for the batches behind it, until the store says that it is done', async () => {
  const { commitOf, claim } = makeProject(6);
  const rows = new DeferredRows(true);
  const commits = [0, 1, 2, 3, 4].map((at) => rows.prepare(commitOf(claim), at));
  const [fourth, fifth] = [commits[3], commits[4]].map((commit) => commit?.record.lastSeq ?? 0);
  expect(await rows.flush(fifth ?? 0, async () => ({ outcome: 'stale' }))).toBe(false);
  expect(rows.isBehind).toBe(true);
  expect(await rows.flush(fourth ?? 0, async () => ({ outcome: 'committed', clock: 0 }))).toBe(true);
  expect(rows.isBehind).toBe(true);
  let flushed = 0;
  const done = rows.flush(fifth ?? 0, async (tasks) => {
    flushed = tasks.length;
    return { outcome: 'committed', clock: 0 };
  });
  const behind = rows.prepare(commitOf({ name: 'task.create', input: newTask('new') }));
  expect(await done).toBe(true);
  expect(flushed).toBe(1);
  expect(behind.changes.tasks.size).toBe(2);
  expect(rows.isBehind).toBe(false);
});
