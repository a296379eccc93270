import type { Checkpoint, RefusalCode } from '@agentmix/act-client';

export interface Report {
  readonly percent?: number;
  readonly note?: string;
  readonly checkpoint?: Checkpoint;
}

export interface Reporter {
  /** The last checkpoint told. */
  readonly checkpoint: Checkpoint | undefined;
  add(report: Report): void;
  /** Resolves when all that was added is with the hub, or the hub would not have it. */
  flush(): Promise<void>;
}

/**
 * Sends progress one call at a time; what is told meanwhile is merged into the next, so a program that talks much costs the
 * hub no more than it can answer. A report that does not arrive is not repeated: the next says more.
 */
export const makeReporter = (
  send: (report: Report) => Promise<RefusalCode | undefined>,
  onRefused: (code: RefusalCode) => void,
): Reporter => {
  let checkpoint: Checkpoint | undefined;
  let waiting: Report | undefined;
  let running: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    for (let report = waiting; report; report = waiting) {
      waiting = undefined;
      try {
        const code = await send(report);
        if (code !== undefined) onRefused(code);
      } catch {
        // The hub is away: the heartbeats notice whether it comes back in time.
      }
    }
    running = undefined;
  };
  return {
    get checkpoint() {
      return checkpoint;
    },
    add(report) {
      checkpoint = report.checkpoint ?? checkpoint;
      waiting = { ...waiting, ...report };
      running ??= run();
    },
    async flush() {
      while (running) await running;
    },
  };
};
