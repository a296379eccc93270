import type { LogPart } from '@agentmix/act-core';
import type pg from 'pg';
import { named } from './connection.ts';
import type { ConnectionOptions } from './connection.ts';
import { logRecord } from './load.ts';
import * as log from './sql/log.ts';

/** The statement that reads a project's log after a sequence number, and where the log begins and ends. */
export const logQuery = (
  options: ConnectionOptions,
  projectId: string,
  afterSeq: number,
  bytesMax: number,
): pg.QueryConfig => ({
  ...named('read-log', options),
  text: log.READ_LOG_SQL,
  values: [projectId, afterSeq, bytesMax],
});

/** Undefined: there is no such project. */
export const logPart = (rows: readonly log.LogPartRow[]): LogPart | undefined => {
  const [first] = rows;
  return (
    first && {
      records: rows.flatMap((row) => (row.events === null ? [] : [logRecord(row)])),
      startSeq: first.start_seq,
      lastSeq: first.end_seq,
      writtenSeq: first.written_seq,
    }
  );
};
