import { setTimeout as sleep } from 'node:timers/promises';
import type { EventTopic, RelayLease, RelayMove, Store } from '@agentmix/act-core';

export interface RelayOptions {
  readonly store: Pick<Store, 'takeRelays' | 'moveRelays' | 'relayBacklog' | 'readLog'>;
  readonly topic: EventTopic;
  /** Id of this relayer, of no other that ever was. */
  readonly owner: string;
  readonly log: (message: string, fields: Record<string, unknown>) => void;
}

export interface Relay {
  /** Events of all projects that are not carried yet, as of a few seconds ago. */
  readonly backlog: () => number;
  /** A project has something to carry. */
  wake(projectId: string): void;
  /** Finishes what is under way. */
  stop(): Promise<void>;
}

/** Longer than the topic takes to give up: two that carry the same project do it twice, in order all the same. */
const LEASE_MS = 15_000;
const PROJECTS_MAX = 16;
/** Of one project in one round; all that the relay ever has in memory is this times PROJECTS_MAX. */
const LOG_BYTES_MAX = 262_144;
/** Commits of this time go out together. */
const PAUSE_MS = 10;
/** What other hubs committed and did not carry is looked for this often. */
const POLL_MS = 500;
/** A project that was not taken is not tried again before. */
const REST_MS = 1_000;
const BACKLOG_EVERY_MS = 5_000;
const WARN_EVERY_MS = 60_000;
const WOKEN_MAX = 256;

/** What of one project is not carried yet, as far as one round goes; how far it is carried then. */
const carry = async ({ store, topic, log }: RelayOptions, lease: RelayLease): Promise<RelayMove> => {
  const { projectId, seq, startSeq } = lease;
  if (seq > 0 && seq + 1 < startSeq)
    log('events were forgotten before they were carried', { projectId, from: seq + 1, upTo: startSeq - 1 });
  const records = (await store.readLog(projectId, seq, LOG_BYTES_MAX))?.records ?? [];
  if (records.length > 0) await topic.append(records);
  return { projectId, seq: records.at(-1)?.lastSeq ?? seq, restMs: 0 };
};

/** Tells once that nothing is taken any more, again each minute, and once that it is. */
const makeReporter = (log: RelayOptions['log'], backlog: () => number) => {
  let failingSince: number | undefined;
  let toldAt = Number.NEGATIVE_INFINITY;
  return (failure: string | undefined): void => {
    const now = performance.now();
    if (failure === undefined) {
      if (failingSince !== undefined)
        log('events are carried again', { afterMs: Math.round(now - failingSince), backlog: backlog() });
      failingSince = undefined;
      return;
    }
    if (failingSince !== undefined && now - toldAt < WARN_EVERY_MS) return;
    failingSince ??= now;
    toldAt = now;
    log('events are not carried and wait in the log', { error: failure, backlog: backlog() });
  };
};

/** Projects that have something to carry, as far as they are known, and the wait for the next one. */
const makeWoken = () => {
  const ids = new Set<string>();
  let interrupt: () => void = () => undefined;
  return {
    add: (projectId: string): void => {
      // More are found by looking through all.
      if (ids.size < WOKEN_MAX) ids.add(projectId);
      interrupt();
    },
    take: (): string[] => {
      const taken = [...ids];
      ids.clear();
      return taken;
    },
    /** Until there is one, or this time is over. */
    wait: (ms: number): Promise<void> =>
      new Promise((resolve) => {
        if (ids.size > 0) return resolve();
        const timer = setTimeout(resolve, ms);
        interrupt = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    end: () => interrupt(),
  };
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Carries each project’s log to a topic, at least once and in order. One relayer at a time has a project, by a lease
 * in the database; the checkpoint moves when the topic has what was appended, never before. While the topic does not
 * take anything, events wait in the log, and nowhere else.
 */
export const startRelay = (options: RelayOptions): Relay => {
  const { store, owner, log } = options;
  const woken = makeWoken();
  let isStopping = false;
  let backlog = 0;
  const report = makeReporter(log, () => backlog);

  /** Takes what there is, carries it and gives it back; the projects that it took. */
  const round = async (among: readonly string[] | undefined): Promise<string[]> => {
    const leases = await store.takeRelays(owner, LEASE_MS, PROJECTS_MAX, among);
    if (leases.length === 0) return [];
    let failure: string | undefined;
    const carryOrRest = (lease: RelayLease): Promise<RelayMove> =>
      carry(options, lease).catch((error: unknown) => {
        failure ??= messageOf(error);
        return { projectId: lease.projectId, seq: lease.seq, restMs: REST_MS };
      });
    const moves = await Promise.all(leases.map(carryOrRest));
    await store.moveRelays(owner, moves);
    report(failure);
    return leases.map(({ projectId }) => projectId);
  };

  const run = async (): Promise<void> => {
    let [pollAt, countAt] = [0, 0];
    while (!isStopping) {
      const now = performance.now();
      try {
        if (now >= countAt) {
          backlog = await store.relayBacklog();
          countAt = now + BACKLOG_EVERY_MS;
        }
        const among = woken.take();
        const isPoll = now >= pollAt;
        if (isPoll || among.length > 0) {
          const taken = await round(isPoll ? undefined : among);
          // There may be more of them than one round takes; and more projects than it looks at.
          for (const projectId of taken) woken.add(projectId);
          if (isPoll) pollAt = taken.length < PROJECTS_MAX ? now + POLL_MS : now;
        }
        await sleep(PAUSE_MS);
        if (!isStopping) await woken.wait(pollAt - performance.now());
      } catch (error) {
        log('the relay could not go on', { error: messageOf(error) });
        await sleep(REST_MS);
      }
    }
  };
  const running = run();
  return {
    backlog: () => backlog,
    wake: woken.add,
    stop: async () => {
      isStopping = true;
      woken.end();
      await running;
    },
  };
};
