import { makeMemoryStore } from '@agentmix/act-memory';
import { StoreUnavailable } from '@agentmix/act-core';
import type { Commit, CommitOutcome, Store } from '@agentmix/act-core';

type CommitNow = (batch: Commit) => Promise<CommitOutcome>;
/** Replaces commits, given the real one. */
export type Fault = (commit: CommitNow, batch: Commit) => Promise<CommitOutcome>;

/** The memory store, whose next commits and reads fail as told. */
export class FailingStore {
  readonly inner: Store;
  readonly store: Store;
  /** Taken one by one; when there is none left commits pass. */
  readonly faults: Fault[] = [];
  /** Asked before every other read. */
  beforeRead: () => Promise<void> = () => Promise.resolve();
  /** Asked after the log was read, before it is handed on. */
  afterReadLog: () => Promise<void> = () => Promise.resolve();
  commits = 0;
  /** How often a whole project was read. */
  loads = 0;
  /** Keys and members that were asked for by id, and looks at what changed. */
  lookUps = 0;
  polls = 0;
  aheadMs = 0;

  constructor() {
    this.inner = makeMemoryStore({ clock: () => Date.now() + this.aheadMs });
    const { inner } = this;
    this.store = {
      ...inner,
      commit: async (batch) => {
        this.commits++;
        const fault = this.faults.shift();
        return fault ? fault((again) => inner.commit(again), batch) : inner.commit(batch);
      },
      findKey: async (...values) => {
        this.lookUps++;
        await this.beforeRead();
        return inner.findKey(...values);
      },
      findMember: async (...values) => {
        this.lookUps++;
        await this.beforeRead();
        return inner.findMember(...values);
      },
      accessChanges: async (...values) => {
        this.polls++;
        await this.beforeRead();
        return inner.accessChanges(...values);
      },
      load: async (...values) => {
        this.loads++;
        await this.beforeRead();
        return inner.load(...values);
      },
      findCommands: async (...values) => {
        await this.beforeRead();
        return inner.findCommands(...values);
      },
      readLog: async (...values) => {
        await this.beforeRead();
        const log = await inner.readLog(...values);
        await this.afterReadLog();
        return log;
      },
      takeTurn: async (projectId, _waitMs, afterSeq) => ({
        log: await this.store.readLog(projectId, afterSeq, Number.MAX_SAFE_INTEGER),
        commit: (batch) => this.store.commit(batch),
        end: () => undefined,
      }),
    };
  }
}

/** The connection is lost before anything was written. */
export const lostBefore: Fault = () => Promise.reject(new StoreUnavailable('lost before'));
/** The connection is lost after everything was written: the caller cannot tell. */
export const lostAfter: Fault = async (commit, batch) => {
  await commit(batch);
  throw new StoreUnavailable('lost after');
};
/** Commits, and answers when told to. */
export const makeGate = (): { fault: Fault; open: () => void } => {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return {
    open: () => open(),
    fault: async (commit, batch) => {
      // The store takes a batch before it first waits: the lane goes on changing its state.
      const committed = commit(batch);
      await opened;
      return committed;
    },
  };
};
