import type { Commit, CommitOutcome } from '@agentmix/act-core';
import { plainArray, textArray } from './array-literal.ts';
import { rowSets, taskRows } from './rows.ts';

const seconds = (at: number | undefined): number | undefined => (at === undefined ? undefined : at / 1_000);

/** Result row of act.commit_batch. */
export interface CommitRow extends Record<string, unknown> {
  outcome: string;
  clock: number | null;
  sessions: string[] | null;
}

export const COMMIT_SQL =
  'select outcome, clock, sessions from act.commit_batch(' +
  '$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)';

/** Parameters of act.commit_batch, in order. */
export const commitParameters = (commit: Commit): unknown[] => {
  const { record, expectedSeq, changes } = commit;
  const { plain, sets } = taskRows(commit);
  return [
    record.projectId,
    expectedSeq,
    record.firstSeq,
    record.lastSeq,
    new Date(record.at).toISOString(),
    plainArray(record.commandIds),
    plainArray(record.eventCounts),
    plainArray(record.fingerprints),
    record.idHigh,
    record.eventsText,
    record.previousHash,
    record.hash,
    changes.expiring.size > 0 ? plainArray([...changes.expiring]) : null,
    ...(plain.length === 0
      ? Array<null>(11).fill(null)
      : [
          plainArray(plain.map(({ id }) => id)),
          plainArray(plain.map(({ status }) => status)),
          textArray(plain.map(({ agentId }) => agentId)),
          plainArray(plain.map(({ sessionId }) => sessionId)),
          plainArray(plain.map(({ epoch }) => epoch)),
          plainArray(plain.map(({ attempts }) => attempts)),
          plainArray(plain.map(({ startedAt }) => seconds(startedAt))),
          plainArray(plain.map(({ claimedAt }) => seconds(claimedAt))),
          plainArray(plain.map(({ progressedAt }) => seconds(progressedAt))),
          plainArray(plain.map(({ completedAt }) => seconds(completedAt))),
          plainArray(plain.map(({ actualTime }) => actualTime)),
        ]),
    rowSets(commit, sets),
  ];
};

export const outcomeOf = (row: CommitRow | undefined): CommitOutcome => {
  if (row?.outcome === 'committed') return { outcome: 'committed', clock: row.clock ?? 0 };
  if (row?.outcome === 'lease_live') return { outcome: 'lease_live', sessionIds: row.sessions ?? [] };
  if (row?.outcome === 'stale') return { outcome: 'stale' };
  throw new Error(`act.commit_batch answered ${row?.outcome}`);
};
