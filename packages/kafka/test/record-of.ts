import type { LogRecord } from '@agentmix/act-core';

/** A commit of one event as the relay reads it from the log, as far as the topic looks into it. */
export const recordOf = (projectId: string, seq: number): LogRecord => ({
  projectId,
  firstSeq: seq,
  lastSeq: seq,
  at: 0,
  commandIds: [],
  actors: [],
  eventCounts: [1],
  fingerprints: [],
  idHigh: 0,
  eventsText: JSON.stringify([{ seq, type: 'task.created', priority: 'normal', data: {} }]),
  previousHash: '',
  hash: '',
});
