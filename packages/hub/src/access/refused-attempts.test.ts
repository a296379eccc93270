import { refusals } from '@agentmix/act-contract';
import type { RefusalCode } from '@agentmix/act-contract';
import type { Credential } from '@agentmix/act-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { RefusedAttempts } from './refused-attempts.ts';
import type { Attempt } from './refused-attempts.ts';

const who = (memberId: string, projectId = 'p'): Credential => ({
  projectId,
  memberId,
  kind: 'service',
  role: 'viewer',
  isRemoved: false,
});

describe('attempts that were refused', () => {
  let now: number;
  let recorded: (Attempt & { projectId: string })[];
  let attempts: RefusedAttempts;
  beforeEach(() => {
    now = 0;
    recorded = [];
    attempts = new RefusedAttempts(
      (projectId, attempt) => recorded.push({ projectId, ...attempt }),
      () => now,
    );
  });
  const note = (times: number, credential = who('m'), code: RefusalCode = 'forbidden'): void => {
    for (let time = 0; time < times; time++) attempts.note(credential, 'task.create', code);
  };

  it('are recorded one by one up to ten in a minute, then counted until it is over', () => {
    note(25);
    note(5, who('m'), 'not_your_agent');
    expect(recorded.map(({ count }) => count)).toEqual(Array(10).fill(1));
    now = 59_999;
    attempts.flush();
    expect(recorded).toHaveLength(10);
    now = 60_000;
    attempts.flush();
    const about = { projectId: 'p', memberId: 'm', operation: 'task.create' };
    expect(recorded.slice(10)).toEqual([
      { ...about, code: 'forbidden', count: 15 },
      { ...about, code: 'not_your_agent', count: 5 },
    ]);
    attempts.flush();
    expect(recorded).toHaveLength(12);
  });

  it('begin anew with the next minute', () => {
    note(11);
    now = 60_000;
    attempts.flush();
    note(1);
    expect(recorded.map(({ count }) => count)).toEqual(Array(12).fill(1));
  });

  it('are told at the end, whatever the time', () => {
    note(12);
    attempts.flush(true);
    expect(recorded.at(-1)).toMatchObject({ count: 2 });
  });

  it('are counted for each member alone, and for each project of a person alone', () => {
    note(12, who('m', 'p'));
    note(1, who('other', 'p'));
    note(12, who('m', 'q'));
    attempts.flush(true);
    const of = (projectId: string) => recorded.filter((one) => one.projectId === projectId);
    expect(of('p').map(({ memberId, count }) => [memberId, count])).toEqual([
      ...Array.from({ length: 10 }, () => ['m', 1]),
      ['other', 1],
      ['m', 2],
    ]);
    expect(of('q').map(({ count }) => count)).toEqual([...Array<number>(10).fill(1), 2]);
  });

  it('are those that say something about who made them, not mistakes', () => {
    const codes = Object.keys(refusals) as RefusalCode[];
    const telling = codes.filter((code) => {
      const before = recorded.length;
      note(1, who(code), code);
      return recorded.length > before;
    });
    expect(telling.toSorted()).toEqual([
      'forbidden',
      'not_your_agent',
      'path_not_yours',
      'project_not_found',
    ]);
  });

  it('take no more memory than 10,000 members’ worth', () => {
    for (let number = 0; number < 10_001; number++) note(1, who(`m${number}`));
    expect(recorded).toHaveLength(10_000);
    now = 60_000;
    attempts.flush();
    note(1, who('m10000'));
    expect(recorded).toHaveLength(10_001);
  });
});
