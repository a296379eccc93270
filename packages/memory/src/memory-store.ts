import { StoreRejected } from '@agentmix/act-core';
import type { Commit, CommitOutcome, LeaseOfSession, LiveState, LogPart, Store } from '@agentmix/act-core';
import { makeAccessStore } from './access-store.ts';
import { answerQuery } from './answer-query.ts';
import { makeArtifacts, notUploaded } from './artifacts.ts';
import { loadImage } from './load-image.ts';
import { findInLog, recordsWithin, tailOf, trimmable } from './log.ts';
import { emptyRows } from './rows.ts';
import type { ProjectRows, SessionRow } from './rows.ts';
import { makeRetentionStore } from './privacy.ts';
import { makeRelayStore } from './relays.ts';
import { projectRow, writeRows } from './write-rows.ts';

export interface MemoryStoreOptions {
  /** The store’s clock, in epoch milliseconds: the only one that leases are judged by. */
  readonly clock: () => number;
}

type Projects = Map<string, ProjectRows>;

/** Sessions whose lease still runs; one that has no row yet gets its full lease with this very commit. */
const liveAmong = (rows: ProjectRows | undefined, sessionIds: Iterable<string>, now: number): string[] =>
  [...sessionIds].filter((id) => {
    const session = rows?.sessions.get(id);
    return !session || (session.endedAt === undefined && session.leaseUntil >= now);
  });

const liveStateOf = (projectId: string, rows: ProjectRows | undefined): LiveState | undefined => {
  if (!rows) return undefined;
  const entries = [...rows.liveState.values()]
    .sort((one, other) => (one.key < other.key ? -1 : 1))
    .map(({ key, valueJson }): readonly [string, unknown] => [key, JSON.parse(valueJson)]);
  return { projectId, seq: rows.project.seq, entries };
};

const commit = (projects: Projects, batch: Commit, now: number): CommitOutcome => {
  const { record, expectedSeq, state, changes } = batch;
  const known = projects.get(record.projectId);
  const live = liveAmong(known, changes.expiring, now);
  if (live.length > 0) return { outcome: 'lease_live', sessionIds: live };
  if ((known?.project.seq ?? 0) !== expectedSeq) return { outcome: 'stale' };
  if (record.firstSeq !== expectedSeq + 1 || record.lastSeq < record.firstSeq || record.lastSeq !== state.seq)
    throw new StoreRejected(`record ${record.firstSeq}..${record.lastSeq} after ${expectedSeq}`);
  const missing = notUploaded(known, changes);
  if (missing.length > 0) return { outcome: 'not_uploaded', artifacts: missing };
  const rows = known ?? emptyRows(projectRow(batch));
  writeRows(rows, batch, now);
  rows.log.push({
    ...record,
    commandIds: [...record.commandIds],
    actors: [...record.actors],
    eventCounts: [...record.eventCounts],
    fingerprints: [...record.fingerprints],
  });
  projects.set(record.projectId, rows);
  return { outcome: 'committed', clock: now };
};

const logAfter = (rows: ProjectRows | undefined, afterSeq: number, bytesMax: number): LogPart | undefined => {
  if (!rows) return undefined;
  const { seq } = rows.project;
  const records = recordsWithin(rows.log, afterSeq, bytesMax);
  return { records, startSeq: rows.log[0]?.firstSeq ?? 1, lastSeq: seq, writtenSeq: seq };
};

const renew = (projects: Projects, sessions: readonly LeaseOfSession[], now: number): void => {
  for (const { projectId, sessionId } of sessions) {
    const rows = projects.get(projectId);
    const session = rows?.liveSessions.get(sessionId);
    if (!rows || !session) continue;
    session.leaseUntil = now + session.leaseMs;
    const agent = rows.agents.get(session.agentId);
    if (agent) agent.lastSeen = now;
  }
};

const liveSessions = function* (projects: Projects): Generator<{ projectId: string; session: SessionRow }> {
  for (const [projectId, rows] of projects)
    for (const session of rows.liveSessions.values()) yield { projectId, session };
};

const expired = (projects: Projects, now: number, limit: number): LeaseOfSession[] =>
  [...liveSessions(projects)]
    .filter(({ session }) => session.leaseUntil < now)
    .sort((a, b) => a.session.leaseUntil - b.session.leaseUntil)
    .slice(0, limit)
    .map(({ projectId, session }) => ({ projectId, sessionId: session.id }));

const trim = (projects: Projects, before: number, carried: (projectId: string) => number): number => {
  let trimmed = 0;
  for (const [projectId, { log }] of projects)
    trimmed += log.splice(0, trimmable(log, before, carried(projectId))).length;
  return trimmed;
};

const reachOf = (rows: ProjectRows | undefined): { lastSeq: number; writtenSeq: number } | undefined =>
  rows && { lastSeq: rows.project.seq, writtenSeq: rows.project.seq };

/**
 * The store in this process, for the simulator and as the floor of benchmarks. It keeps rows like a database does:
 * its own copies, written from a commit’s changes, and a project is loaded from them alone. Everything is lost
 * with the process.
 */
export const makeMemoryStore = ({ clock }: MemoryStoreOptions): Store => {
  const projects: Projects = new Map();
  const relays = makeRelayStore(projects, clock);
  let beatAt: number | undefined;
  return {
    ...makeAccessStore(projects, clock),
    ...makeRetentionStore(projects, clock),
    ...relays,
    clock: async () => clock(),
    load: async (projectId, recentCommandsMax) => {
      const rows = projects.get(projectId);
      return rows && { image: loadImage(rows), unwritten: [], ...tailOf(rows.log, recentCommandsMax) };
    },
    commit: async (batch) => commit(projects, batch, clock()),
    readLog: async (projectId, afterSeq, bytesMax) => logAfter(projects.get(projectId), afterSeq, bytesMax),
    logHead: async (projectId) => {
      const rows = projects.get(projectId);
      if (!rows) return undefined;
      const { seq, hash } = rows.project;
      return { startSeq: rows.log[0]?.firstSeq ?? 1, lastSeq: seq, hash };
    },
    // A decision takes no time here: nobody is in anybody’s way.
    takeTurn: async (projectId, _waitMs, afterSeq) => ({
      log: logAfter(projects.get(projectId), afterSeq, Number.MAX_SAFE_INTEGER),
      commit: async (batch) => commit(projects, batch, clock()),
      end: () => undefined,
    }),
    lastSeqs: async (projectIds) => {
      const found = projectIds.map((id) => [id, projects.get(id)?.project.seq] as const);
      return new Map(found.filter((one): one is readonly [string, number] => one[1] !== undefined));
    },
    liveState: async (projectId) => liveStateOf(projectId, projects.get(projectId)),
    findCommands: async (projectId, commandIds, since) =>
      findInLog(projects.get(projectId)?.log ?? [], commandIds, since),
    // Rows are written with their record: nothing is ever behind.
    defersRows: false,
    flush: async () => ({ outcome: 'committed', clock: clock() }),
    rowsReach: async (projectId) => reachOf(projects.get(projectId)),
    renewLeases: async (sessions) => renew(projects, sessions, clock()),
    beat: async (gapMs) => {
      const now = clock();
      const gap = beatAt === undefined ? 0 : now - beatAt;
      beatAt = now;
      if (gap > gapMs) for (const { session } of liveSessions(projects)) session.leaseUntil += gap;
      return gap;
    },
    expiredSessions: async (limit, graceMs = 0) => expired(projects, clock() - graceMs, limit),
    // The history is read from the log itself: nothing lags behind.
    fillHistory: async () => false,
    trimLog: async (before, keepsUncarried = false) =>
      trim(projects, before, keepsUncarried ? relays.carriedUpTo : () => Number.MAX_SAFE_INTEGER),
    query: async (name, projectId, input) => {
      const rows = projects.get(projectId);
      if (!rows && name !== 'project.list') return undefined;
      return answerQuery(name, rows ?? NO_PROJECT, input, projects);
    },
    descriptions: async (projectId, taskIds) => {
      const tasks = projects.get(projectId)?.tasks;
      return new Map(
        taskIds.flatMap((id): [string, string][] => {
          const description = tasks?.get(id)?.description;
          return description === undefined ? [] : [[id, description]];
        }),
      );
    },
    artifacts: makeArtifacts(projects, clock),
    close: async () => undefined,
  };
};

/** Stands in where a query spans projects. */
const NO_PROJECT: ProjectRows = emptyRows({
  id: '',
  name: '',
  status: 'active',
  settingsJson: '{}',
  seq: 0,
  hash: '',
  createdAt: 0,
  updatedAt: 0,
});
