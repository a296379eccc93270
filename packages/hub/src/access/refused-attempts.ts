import type { RefusalCode } from '@agentmix/act-contract';
import type { Credential } from '@agentmix/act-core';

/** Attempts that say something about who made them, beyond a mistake. */
const TELLING = new Set<RefusalCode>(['forbidden', 'not_your_agent', 'path_not_yours', 'project_not_found']);
const WINDOW_MS = 60_000;
/** Recorded one by one in a minute for each member; the rest is counted. */
const SINGLE_MAX = 10;
const MEMBERS_MAX = 10_000;

export interface Attempt {
  readonly memberId: string;
  readonly operation: string;
  readonly code: string;
  readonly count: number;
}

interface Window {
  readonly startedAt: number;
  readonly projectId: string;
  recorded: number;
  /** By operation and code. */
  readonly counts: Map<string, Attempt>;
}

/** What known members were refused, for the log of their own project, so that trying it over and over cannot fill it. */
export class RefusedAttempts {
  readonly #record: (projectId: string, attempt: Attempt) => void;
  readonly #now: () => number;
  /** By project and member: a person may be a member of several projects. */
  readonly #windows = new Map<string, Window>();

  /** `now`: monotonic milliseconds. */
  constructor(
    record: (projectId: string, attempt: Attempt) => void,
    now: () => number = () => performance.now(),
  ) {
    this.#record = record;
    this.#now = now;
  }

  note({ projectId, memberId }: Credential, operation: string, code: RefusalCode): void {
    if (!TELLING.has(code)) return;
    const window = this.#windows.get(`${projectId}/${memberId}`) ?? this.#begin(projectId, memberId);
    if (!window) return;
    if (window.recorded++ < SINGLE_MAX)
      return this.#record(projectId, { memberId, operation, code, count: 1 });
    const name = `${operation} ${code}`;
    const count = (window.counts.get(name)?.count ?? 0) + 1;
    window.counts.set(name, { memberId, operation, code, count });
  }

  /** Records what was counted in windows that are over; all of it at the end. */
  flush(isEnd = false): void {
    for (const [name, { startedAt, projectId, counts }] of this.#windows) {
      if (!isEnd && this.#now() - startedAt < WINDOW_MS) continue;
      this.#windows.delete(name);
      for (const attempt of counts.values()) this.#record(projectId, attempt);
    }
  }

  #begin(projectId: string, memberId: string): Window | undefined {
    if (this.#windows.size >= MEMBERS_MAX) return undefined;
    const window = { startedAt: this.#now(), projectId, recorded: 0, counts: new Map() };
    this.#windows.set(`${projectId}/${memberId}`, window);
    return window;
  }
}
