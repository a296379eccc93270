/** Calls that wait for work of a project to become ready. */
export class WorkWaiters {
  readonly #waiting = new Map<string, Set<() => void>>();

  /** True when something changed in the project; false when the time is over or the caller went away. */
  wait(projectId: string, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(projectId) ?? new Set();
      this.#waiting.set(projectId, waiting);
      const finish = (isWoken: boolean): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', leave);
        waiting.delete(wake);
        if (waiting.size === 0) this.#waiting.delete(projectId);
        resolve(isWoken);
      };
      const wake = (): void => finish(true);
      const leave = (): void => finish(false);
      const timer = setTimeout(leave, timeoutMs);
      signal?.addEventListener('abort', leave, { once: true });
      waiting.add(wake);
    });
  }

  wake(projectId: string): void {
    // A woken call leaves the set, which does not disturb going through it.
    for (const wake of this.#waiting.get(projectId) ?? []) wake();
  }

  wakeAll(): void {
    for (const projectId of this.#waiting.keys()) this.wake(projectId);
  }
}
