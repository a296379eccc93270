import type { FramedEvent } from '@agentmix/act-contract';
import { emptyState, evolve, noChanges, restore } from '@agentmix/act-core';
import type { Changes, Heard, Loaded, LogPart, LogRecord, ProjectState, Talk } from '@agentmix/act-core';
import { DeferredRows } from './deferred-rows.ts';
import { RecentCommands } from './recent-commands.ts';
import { hearRecord, recentTalk } from './recent-talk.ts';

/** What a lane knows of its project, and what it has decided beyond that. */
export interface Memory {
  readonly state: ProjectState;
  readonly recent: RecentCommands;
  readonly rows: DeferredRows;
  readonly talk: Talk;
  /** Time of the last record: records never go back in time. */
  at: number;
}

/** Of a project that does not exist. */
const blankMemory = (projectId: string, defersRows: boolean, heard: Heard): Memory => ({
  state: emptyState(projectId),
  recent: new RecentCommands(0),
  rows: new DeferredRows(defersRows),
  talk: recentTalk([], heard),
  at: 0,
});

const evolveRecord = (state: ProjectState, record: LogRecord, changes: Changes): void => {
  const events: FramedEvent[] = JSON.parse(record.eventsText);
  for (const event of events) evolve(state, event, record.at, changes);
};

/** The rows, and what the log says after them. */
const rememberLoaded = (loaded: Loaded, defersRows: boolean, heard: Heard): Memory => {
  const state = restore(loaded.image);
  const changes = noChanges();
  for (const record of loaded.unwritten) evolveRecord(state, record, changes);
  const rows = new DeferredRows(defersRows);
  rows.add(changes.tasks.values(), state.seq);
  return {
    state,
    recent: RecentCommands.from(loaded),
    rows,
    talk: recentTalk(loaded.tail, heard),
    at: loaded.tail.at(-1)?.at ?? 0,
  };
};

/** What a lane begins with; nothing is loaded of a project that does not exist. */
export const makeMemory = (
  projectId: string,
  loaded: Loaded | undefined,
  defersRows: boolean,
  heard: Heard,
): Memory => (loaded ? rememberLoaded(loaded, defersRows, heard) : blankMemory(projectId, defersRows, heard));

/** The state, unless there is no such project. */
export const existing = ({ state }: Memory): ProjectState | undefined =>
  state.seq === 0 ? undefined : state;

/**
 * Goes on with what other hubs committed after this state, of which nothing may be under way. False when these records
 * do not lead from it to the end of the log: nothing is changed then. Of records whose rows nobody has written yet the
 * rows are taken over, since whoever writes next writes all of them.
 */
export const catchUp = (memory: Memory, { records, lastSeq, writtenSeq }: LogPart): boolean => {
  const { state, recent, talk, rows } = memory;
  const isWhole = records.at(-1)?.lastSeq === lastSeq && records[0]?.firstSeq === state.seq + 1;
  if (!isWhole) return lastSeq === state.seq;
  // Another hub has written these rows, and maybe changed them since.
  rows.written(writtenSeq);
  const unwritten = noChanges();
  for (const record of records) {
    evolveRecord(state, record, record.lastSeq > writtenSeq ? unwritten : noChanges());
    state.hash = record.hash;
    recent.addRecord(record);
    hearRecord(talk, record);
    memory.at = Math.max(memory.at, record.at);
  }
  rows.add(unwritten.tasks.values(), lastSeq);
  return true;
};
