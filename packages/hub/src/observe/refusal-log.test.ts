import { beforeEach, describe, expect, it } from 'vitest';
import { makeRefusalLog } from './refusal-log.ts';
import type { RefusalLog } from './refusal-log.ts';

describe('the log of refused calls', () => {
  let lines: object[];
  let log: RefusalLog;
  beforeEach(() => {
    lines = [];
    log = makeRefusalLog((fields) => lines.push(fields));
  });
  const call = { code: 'unauthorized', address: '192.0.2.1', door: 'rest' } as const;

  it('tells the first of a kind at once, and counts the others until a minute is over', () => {
    for (let time = 0; time < 1_000; time++) log.note(call);
    expect(lines).toEqual([call]);
    log.flush();
    expect(lines).toEqual([call, { ...call, count: 999 }]);
    log.note(call);
    expect(lines).toHaveLength(3);
  });

  it('tells apart who was refused, from where, at which door, what and why', () => {
    const kinds = [
      call,
      { ...call, address: '192.0.2.2' },
      { ...call, door: 'socket.io' },
      { ...call, code: 'rate_limited' },
      { ...call, operation: 'task.next' },
      { ...call, memberId: 'ada' },
    ] as const;
    for (const kind of [...kinds, ...kinds]) log.note(kind);
    expect(lines).toEqual(kinds);
  });

  it('tells nothing of refusals that good callers get', () => {
    for (const code of [
      'stale_epoch',
      'task_not_found',
      'token_expired',
      'unavailable',
      'overloaded',
    ] as const)
      log.note({ ...call, code });
    expect(lines).toEqual([]);
  });

  it('writes about a thousand lines a minute at most, and what is left at the end', () => {
    for (let number = 0; number < 5_000; number++) log.note({ ...call, address: `a${number}` });
    log.note({ ...call, address: 'a0' });
    expect(lines).toHaveLength(1_024);
    log.flush();
    expect(lines.slice(1_024)).toEqual([{ ...call, address: 'a0', count: 1 }, { count: 3_976 }]);
  });
});
