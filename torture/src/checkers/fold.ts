import { isDeepStrictEqual } from 'node:util';
import type { FramedEvent } from '@agentmix/act-contract';
import { emptyState, evolve, imageOf, noChanges, restore } from '@agentmix/act-core';
import type { LogRecord, ProjectState } from '@agentmix/act-core';
import { makePostgresStore } from '@agentmix/act-postgres';

const READ_BYTES_MAX = 8_388_608;
const TRIES_MAX = 5;

const apply = (state: ProjectState, record: LogRecord): void => {
  // The log's text is what the hub wrote.
  for (const event of JSON.parse(record.eventsText) as FramedEvent[])
    evolve(state, event, record.at, noChanges());
  Object.assign(state, { seq: record.lastSeq, hash: record.hash });
};

/** Projects whose rows are not what their events add up to. The hub is stopped or at rest. */
export const unfolded = async (socketDir: string, projectIds: readonly string[]): Promise<string[]> => {
  const connection = { socketDir, port: 5432, user: 'act_app' };
  const store = makePostgresStore({ connection, log: () => undefined });
  const isFolded = async (projectId: string): Promise<boolean> => {
    const loaded = await store.load(projectId, 1);
    if (!loaded) return false;
    const state = emptyState(projectId);
    for (;;) {
      const read = await store.readLog(projectId, state.seq, READ_BYTES_MAX);
      if (!read || read.records.length === 0) break;
      for (const record of read.records) apply(state, record);
    }
    const rows = restore(loaded.image);
    for (const record of loaded.unwritten) apply(rows, record);
    return isDeepStrictEqual(imageOf(rows), imageOf(state));
  };
  try {
    const wrong: string[] = [];
    for (const projectId of projectIds) {
      let folded = false;
      // Between the two readings a session may have ended.
      for (let attempt = 0; attempt < TRIES_MAX && !folded; attempt++) folded = await isFolded(projectId);
      if (!folded) wrong.push(projectId);
    }
    return wrong;
  } finally {
    await store.close();
  }
};
