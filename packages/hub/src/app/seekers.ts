import type { Waiting } from './batch.ts';

/** Sessions that ask for work, each as often as it does. */
export class Seekers {
  readonly #counts = new Map<string, number>();

  get size(): number {
    return this.#counts.size;
  }

  /** Counts a session until the returned function is called. */
  add(sessionId: string): () => void {
    this.#counts.set(sessionId, (this.#counts.get(sessionId) ?? 0) + 1);
    return () => {
      const left = (this.#counts.get(sessionId) ?? 1) - 1;
      if (left === 0) this.#counts.delete(sessionId);
      else this.#counts.set(sessionId, left);
    };
  }

  /** Those that ask, and those of these commands that do. */
  among(waiting: readonly Waiting[]): Set<string> {
    const seeking = new Set(this.#counts.keys());
    for (const { command } of waiting) if (command.name === 'task.next') seeking.add(command.input.sessionId);
    return seeking;
  }
}
