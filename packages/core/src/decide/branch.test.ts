import { describe, expect, it } from 'vitest';
import { MAIN_COMMITS_MAX } from '@agentmix/act-contract';
import type { EventData, NewEvent } from '@agentmix/act-contract';
import { given, happened as h, id } from '../../../testing/src/given.ts';
import { commandOf } from '../../../testing/src/records.ts';
import { answer } from '../answer.ts';

const ADA = 11;
const commit = (number: number): string => number.toString(16).padStart(40, '0');
const advanced = (number: number, agentId?: string): NewEvent => ({
  type: 'branch.advanced',
  ...(agentId === undefined ? {} : { agentId }),
  data: { branch: 'main', commit: commit(number) },
});
const settled = (task: number, number: number, by: 'mention' | 'paths' = 'mention'): NewEvent => ({
  type: 'task.settled',
  data: { taskId: id(task), commit: commit(number), by },
});
const confirmed = (task: number): NewEvent => ({ type: 'task.confirmed', data: { taskId: id(task) } });
const login = h.task(21, { key: 'login', title: 'Login page (#12)', filePaths: ['src/a.ts', 'src/b/*.ts'] });
const start = [h.project(), h.joined('ada', ADA), login];

const report = (number: number, more: { paths?: string[]; mentions?: string[] } = {}) => ({
  branch: 'main',
  commits: [{ commit: commit(number), ...more }],
});

describe('branch.report', () => {
  it.each([['login'], [id(21)], ['#12']])('flags the task that a commit names as %s', (mention) =>
    given(...start)
      .when('branch.report', report(1, { mentions: ['other', mention] }))
      .then(advanced(1), settled(21, 1)),
  );

  it('flags no task whose key, id or issue only resembles a mention', () =>
    given(...start)
      .when('branch.report', report(1, { mentions: ['log', 'login-2', '#1', '#123', '12'] }))
      .then(advanced(1)));

  it('flags a task when one commit changed every path and pattern that it names', () =>
    given(...start)
      .when('branch.report', report(1, { paths: ['README.md', 'src/b/c.ts', 'src/a.ts'] }))
      .then(advanced(1), settled(21, 1, 'paths')));

  it('does not flag a task of which a commit changed only a part, or which names no path', () =>
    given(...start, h.task(22))
      .when('branch.report', {
        branch: 'main',
        commits: [
          { commit: commit(1), paths: ['src/a.ts'] },
          { commit: commit(2), paths: ['src/b/c.ts'] },
        ],
      })
      .then(advanced(1), advanced(2)));

  it('counts a commit once, however many workspaces report it', () => {
    const seen = given(...start, advanced(1));
    seen.when('branch.report', report(1, { mentions: ['login'] })).then();
    const twice = { branch: 'main', commits: [{ commit: commit(2) }, { commit: commit(2) }] };
    seen.when('branch.report', twice).then(advanced(2));
  });

  it('flags a task once, by the first commit, while the doubt stands', () => {
    const two = {
      branch: 'main',
      commits: [1, 2].flatMap((one) => report(one, { mentions: ['login'] }).commits),
    };
    const first = given(...start);
    first.when('branch.report', two).then(advanced(1), advanced(2), settled(21, 1));
    first.when('branch.report', report(3, { mentions: ['login'] })).then(advanced(3));
  });

  it('leaves out the commit that the holder keeps in its checkpoint', () =>
    given(...start, h.claimed(21, 'ada', ADA), {
      type: 'task.progress',
      agentId: 'ada',
      data: { taskId: id(21), epoch: 1, checkpoint: { commit: commit(1).slice(0, 12) } },
    })
      .when('branch.report', report(1, { mentions: ['login'] }))
      .then(advanced(1)));

  it('tells who reported, and refuses a session that is over', () => {
    given(...start)
      .when('branch.report', { ...report(1), sessionId: id(ADA) })
      .then(advanced(1, 'ada'));
    given(...start)
      .when('branch.report', { ...report(1), sessionId: id(99) })
      .then('session_expired');
  });

  it('forgets the oldest commits, so that memory is bounded', () => {
    const many = Array.from({ length: MAIN_COMMITS_MAX + 1 }, (_, at) => advanced(at));
    const { state } = given(...start, ...many);
    expect([state.mainCommits.size, state.mainCommits.has(commit(0))]).toEqual([MAIN_COMMITS_MAX, false]);
  });
});

describe('a task that is perhaps done already', () => {
  const doubted = [...start, advanced(1), settled(21, 1)];
  const reason = 'perhaps done already: commit 000000000000 of the main branch names it';
  const completion = (more: Partial<EventData<'task.completed'>> = {}): NewEvent => ({
    type: 'task.completed',
    agentId: 'ada',
    data: { taskId: id(21), epoch: 1, actualTime: 1, ...more },
  });
  const held = { taskId: id(21), sessionId: id(ADA), epoch: 1 };

  it('is handed out with the doubt as the first reason, and the task tells of the commit', () => {
    const next = commandOf('task.next', { sessionId: id(ADA) });
    const when = given(...doubted).when('task.next', { sessionId: id(ADA) });
    expect(when.events).toMatchObject([
      { data: { reasons: [reason, 'priority 2', '30 min to the end of the plan'] } },
    ]);
    const events = when.events.map((event, at) => ({ ...event, seq: at, priority: 'medium' as const }));
    expect(answer(next, events as never, when.state)).toMatchObject({
      claim: { task: { settled: { commit: commit(1), by: 'mention' } } },
    });
    const claimed = given(...doubted).when('task.claim', { sessionId: id(ADA), taskId: id(21) });
    expect(claimed.events).toMatchObject([{ data: { reasons: [reason, 'asked for by id'] } }]);
  });

  it('comes after those of its urgency by flow, and is given all the same when nothing else is there', () => {
    const seen = given(...doubted, h.task(22));
    expect(seen.when('task.next', { sessionId: id(ADA) }).events).toMatchObject([
      { data: { taskId: id(22) } },
    ]);
    expect(seen.when('task.next', { sessionId: id(ADA) }).events).toMatchObject([
      { data: { taskId: id(21) } },
    ]);
  });

  it('comes before less urgent ones, and by weighted in the order of arrival', () => {
    const less = given(...doubted, h.task(22, { priority: 3 }));
    expect(less.when('task.next', { sessionId: id(ADA) }).events).toMatchObject([
      { data: { taskId: id(21) } },
    ]);
    const weighted = given(h.project({ policy: 'weighted' }), ...doubted.slice(1), h.task(22));
    expect(weighted.when('task.next', { sessionId: id(ADA) }).events).toMatchObject([
      { data: { taskId: id(21) } },
    ]);
  });

  it('tells of the commit when it is completed, unless the holder shows that very commit', () => {
    const claimed = [...doubted, h.claimed(21, 'ada', ADA)];
    given(...claimed)
      .when('task.complete', held)
      .then(completion({ settled: { commit: commit(1), by: 'mention' } }));
    const evidence = { commit: commit(1).slice(0, 9) };
    given(...claimed)
      .when('task.complete', { ...held, evidence })
      .then(completion({ evidence }));
  });

  it('is needed again when somebody confirms it or changes it, and the commit does not count again', () => {
    const seen = given(...doubted);
    seen
      .when('task.confirm', { taskId: id(21), sessionId: id(ADA) })
      .then({ ...confirmed(21), agentId: 'ada' });
    seen.when('branch.report', report(1, { mentions: ['login'] })).then();
    expect(seen.state.tasks.get(id(21))?.settled).toBeUndefined();
    const changed = given(...doubted);
    changed.when('task.update', { taskId: id(21), priority: 1 });
    expect(changed.state.tasks.get(id(21))?.settled).toBeUndefined();
  });

  it('is confirmed without an event where there was no doubt, and not at all when it is closed or unknown', () => {
    given(...start)
      .when('task.confirm', { taskId: id(21) })
      .then();
    given(...start)
      .when('task.confirm', { taskId: id(99) })
      .then('task_not_found');
    given(...start, h.claimed(21, 'ada', ADA), h.completed(21, 'ada'))
      .when('task.confirm', { taskId: id(21) })
      .then('task_closed');
    given(...start)
      .when('task.confirm', { taskId: id(21), sessionId: id(99) })
      .then('session_expired');
  });
});
