import { expect, it } from 'vitest';
import { makeHeard } from '@agentmix/act-core';
import type { LogRecord } from '@agentmix/act-core';
import { recentTalk } from './recent-talk.ts';

const record = (at: number, ...events: object[]): LogRecord => ({
  projectId: 'p',
  firstSeq: at,
  lastSeq: at,
  at,
  commandIds: [],
  actors: [],
  eventCounts: [],
  fingerprints: [],
  idHigh: 0,
  eventsText: JSON.stringify(events),
  previousHash: '',
  hash: '',
});

it('knows who spoke, when, and how often threads were passed on, from the newest records', () => {
  const tail = [
    record(1, { type: 'task.ready', data: { taskId: 't' } }),
    record(2, { type: 'message.sent', agentId: 'ada', data: { messageId: 'm', to: 'bob' } }),
    record(3, { type: 'update.broadcast', agentId: 'bob', data: { messageId: 'n', threadId: 'm', hops: 1 } }),
  ];
  expect(recentTalk(tail, makeHeard()).messages).toEqual([
    { at: 2, agentId: 'ada', threadId: 'm', hops: 0 },
    { at: 3, agentId: 'bob', threadId: 'm', hops: 1 },
  ]);
});
