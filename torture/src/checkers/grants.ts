import type { LogEvent } from './database.ts';

/** One grant of a task, from the log alone. */
export interface Grant {
  readonly taskId: string;
  readonly epoch: number;
  readonly sessionId: string;
  readonly leaseMs: number;
  readonly seq: number;
  readonly at: number;
  readonly commandId: string;
  endedAt?: number;
  endedBy?: string;
}

export interface Grants {
  readonly all: readonly Grant[];
  /** Grants while another was live, or whose epoch is not the last one plus 1. */
  readonly doubleGrants: number;
  /** Events that speak for a grant that was not the live one. */
  readonly staleInLog: number;
  /** How often each task was completed. */
  readonly completions: ReadonlyMap<string, number>;
  readonly find: (taskId: string, epoch: number) => Grant | undefined;
}

/** Judges the claims of a project by the order of its log. */
export const judgeGrants = (log: readonly LogEvent[]): Grants => {
  const all: Grant[] = [];
  const byKey = new Map<string, Grant>();
  const live = new Map<string, Grant>();
  const epochs = new Map<string, number>();
  const completions = new Map<string, number>();
  let doubleGrants = 0;
  let staleInLog = 0;
  const end = (taskId: string, event: LogEvent, by: string): void => {
    const grant = live.get(taskId);
    if (!grant) return;
    grant.endedAt = event.at;
    grant.endedBy = by;
    live.delete(taskId);
  };
  const speak = (taskId: string, epoch: number): void => {
    if (live.get(taskId)?.epoch !== epoch) staleInLog++;
  };
  for (const event of log) {
    if (event.type === 'task.claimed') {
      const { taskId, epoch, sessionId, leaseMs } = event.data;
      if (live.has(taskId) || epoch !== (epochs.get(taskId) ?? 0) + 1) doubleGrants++;
      const { seq, at, commandId } = event;
      const grant: Grant = { taskId, epoch, sessionId, leaseMs, seq, at, commandId };
      all.push(grant);
      live.set(taskId, grant);
      epochs.set(taskId, epoch);
      byKey.set(`${taskId} ${epoch}`, grant);
    } else if (event.type === 'task.progress') speak(event.data.taskId, event.data.epoch);
    else if (event.type === 'task.completed') {
      const { taskId, epoch } = event.data;
      speak(taskId, epoch);
      completions.set(taskId, (completions.get(taskId) ?? 0) + 1);
      end(taskId, event, 'completed');
    } else if (event.type === 'task.released') {
      speak(event.data.taskId, event.data.epoch);
      end(event.data.taskId, event, event.data.reason);
    } else if (event.type === 'task.cancelled') end(event.data.taskId, event, 'cancelled');
  }
  return {
    all,
    doubleGrants,
    staleInLog,
    completions,
    find: (taskId, epoch) => byKey.get(`${taskId} ${epoch}`),
  };
};
