import type { Store } from '@agentmix/act-core';

interface Asked {
  readonly ids: Set<string>;
  readonly found: Promise<Map<string, string>>;
}

/** Descriptions of claimed tasks: those asked for in one turn of the event loop are read with one statement. */
export class Descriptions {
  readonly #store: Store;
  readonly #asked = new Map<string, Asked>();

  constructor(store: Store) {
    this.#store = store;
  }

  async get(projectId: string, taskId: string): Promise<string | undefined> {
    const asked = this.#asked.get(projectId) ?? this.#open(projectId);
    asked.ids.add(taskId);
    return (await asked.found).get(taskId);
  }

  #open(projectId: string): Asked {
    const ids = new Set<string>();
    const found = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      this.#asked.delete(projectId);
      return this.#store.descriptions(projectId, [...ids]);
    });
    const asked = { ids, found };
    this.#asked.set(projectId, asked);
    return asked;
  }
}
