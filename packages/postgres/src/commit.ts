import { canDefer } from '@agentmix/act-core';
import type { Commit, CommitOutcome, Flush, NotUploaded, TaskState } from '@agentmix/act-core';
import type pg from 'pg';
import { plainArray, textArray } from './array-literal.ts';
import { named } from './connection.ts';
import type { ConnectionOptions } from './connection.ts';
import { rowSets, taskRows } from './rows.ts';

const seconds = (at: number | undefined): number | undefined => (at === undefined ? undefined : at / 1_000);

/** Result row of act.commit_batch. */
export interface CommitRow extends Record<string, unknown> {
  outcome: string;
  clock: number | null;
  sessions: string[] | null;
}

const parameters = (count: number): string =>
  Array.from({ length: count }, (_, at) => `$${at + 1}`).join(', ');

/** SQLSTATE that act.write_artifacts raises. */
const NOT_UPLOADED = 'AC001';

export const COMMIT_SQL = `select outcome, clock, sessions from act.commit_batch(${parameters(27)})`;
export const FLUSH_SQL = `select outcome, clock, sessions from act.flush_steps(${parameters(13)})`;

/** Plain steps as the arrays that act.write_steps takes. */
const steps = (tasks: readonly TaskState[]): (string | null)[] =>
  tasks.length === 0
    ? Array<null>(11).fill(null)
    : [
        plainArray(tasks.map(({ id }) => id)),
        plainArray(tasks.map(({ status }) => status)),
        textArray(tasks.map(({ agentId }) => agentId)),
        plainArray(tasks.map(({ sessionId }) => sessionId)),
        plainArray(tasks.map(({ epoch }) => epoch)),
        plainArray(tasks.map(({ attempts }) => attempts)),
        plainArray(tasks.map(({ startedAt }) => seconds(startedAt))),
        plainArray(tasks.map(({ claimedAt }) => seconds(claimedAt))),
        plainArray(tasks.map(({ progressedAt }) => seconds(progressedAt))),
        plainArray(tasks.map(({ completedAt }) => seconds(completedAt))),
        plainArray(tasks.map(({ actualTime }) => actualTime)),
      ];

export const flushParameters = ({ projectId, seq, tasks }: Flush): unknown[] => [
  projectId,
  seq,
  ...steps(tasks),
];

/** What a batch writes besides its record: plain steps, and JSON for everything else. */
const rowsOf = (commit: Commit): { plain: readonly TaskState[]; json: string | null } => {
  if (commit.isRecordOnly) return { plain: [], json: null };
  if (canDefer(commit.changes)) return { plain: [...commit.changes.tasks.values()], json: null };
  const { plain, sets } = taskRows(commit);
  return { plain, json: rowSets(commit, sets) };
};

/** Parameters of act.commit_batch, in order. */
export const commitParameters = (commit: Commit): unknown[] => {
  const { record, expectedSeq, changes, isRecordOnly = false } = commit;
  const { plain, json } = rowsOf(commit);
  return [
    record.projectId,
    expectedSeq,
    record.firstSeq,
    record.lastSeq,
    new Date(record.at).toISOString(),
    plainArray(record.commandIds),
    plainArray(record.actors),
    plainArray(record.eventCounts),
    plainArray(record.fingerprints),
    record.idHigh,
    record.eventsText,
    record.previousHash,
    record.hash,
    changes.expiring.size > 0 ? plainArray([...changes.expiring]) : null,
    ...steps(plain),
    json,
    isRecordOnly,
  ];
};

/** Commits by what runs the statement, a transaction of its own or the last one of one; throws as the store does. */
export const commitBatch = async (
  run: (query: pg.QueryConfig) => Promise<CommitRow[]>,
  options: ConnectionOptions,
  batch: Commit,
): Promise<CommitOutcome> => {
  try {
    const [row] = await run({
      ...named('commit', options),
      text: COMMIT_SQL,
      values: commitParameters(batch),
    });
    return outcomeOf(row);
  } catch (error) {
    const artifacts = notUploadedIn(error);
    if (artifacts) return { outcome: 'not_uploaded', artifacts };
    throw error;
  }
};

/** Files that act.write_artifacts found not uploaded; it undid the commit by an exception of its own. */
const notUploadedIn = (error: unknown): NotUploaded[] | undefined => {
  const { cause } = error instanceof Error ? error : {};
  const { code, detail } = (cause ?? {}) as { code?: unknown; detail?: unknown };
  return code === NOT_UPLOADED && typeof detail === 'string'
    ? (JSON.parse(detail) as NotUploaded[])
    : undefined;
};

export const outcomeOf = (row: CommitRow | undefined): CommitOutcome => {
  if (row?.outcome === 'committed') return { outcome: 'committed', clock: row.clock ?? 0 };
  if (row?.outcome === 'lease_live') return { outcome: 'lease_live', sessionIds: row.sessions ?? [] };
  if (row?.outcome === 'stale') return { outcome: 'stale' };
  throw new Error(`act.commit_batch answered ${row?.outcome}`);
};
