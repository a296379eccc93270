import type { Bus } from '@agentmix/act-core';

type Listener = Parameters<Bus['subscribe']>[0];

/** Buses of several hubs in one process: what one says the others hear, a turn of the event loop later. */
export const makeMemoryBuses = (): { readonly open: () => Bus } => {
  const ends = new Set<Set<Listener>>();
  const open = (): Bus => {
    const own = new Set<Listener>();
    ends.add(own);
    const say = (projectId: string, seq: number): void => {
      for (const listeners of ends)
        if (listeners !== own) for (const listener of listeners) listener(projectId, seq);
    };
    return {
      isHearing: true,
      publish: (projectId, seq) => {
        if (ends.has(own)) setImmediate(say, projectId, seq);
      },
      subscribe: (listener) => {
        own.add(listener);
        return () => void own.delete(listener);
      },
      close: async () => {
        own.clear();
        ends.delete(own);
      },
    };
  };
  return { open };
};
