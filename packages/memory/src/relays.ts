import type { RelayStore } from '@agentmix/act-core';
import type { ProjectRows } from './rows.ts';

interface Relay {
  seq: number;
  owner: string;
  leaseUntil: number;
}

/** How far the logs were carried, in this process. */
export const makeRelayStore = (
  projects: ReadonlyMap<string, ProjectRows>,
  clock: () => number,
): RelayStore & { carriedUpTo: (projectId: string) => number } => {
  const relays = new Map<string, Relay>();
  const carriedUpTo = (projectId: string): number => relays.get(projectId)?.seq ?? 0;
  const waiting = (): [string, ProjectRows][] =>
    [...projects].filter(([id, { project }]) => project.seq > carriedUpTo(id));
  return {
    carriedUpTo,
    takeRelays: async (owner, leaseMs, limit, among) => {
      const now = clock();
      const free = waiting()
        .filter(([id]) => (relays.get(id)?.leaseUntil ?? 0) < now && (among?.includes(id) ?? true))
        .slice(0, limit);
      return free.map(([projectId, { log }]) => {
        const seq = carriedUpTo(projectId);
        relays.set(projectId, { seq, owner, leaseUntil: now + leaseMs });
        return { projectId, seq, startSeq: log[0]?.firstSeq ?? 1 };
      });
    },
    moveRelays: async (owner, moves) => {
      for (const { projectId, seq, restMs } of moves) {
        const relay = relays.get(projectId);
        if (!relay) continue;
        relay.seq = Math.max(relay.seq, seq);
        // In the past where there is no rest: it is free at once.
        if (relay.owner === owner) relay.leaseUntil = restMs > 0 ? clock() + restMs : 0;
      }
    },
    relayBacklog: async () =>
      waiting().reduce((events, [id, { project }]) => events + project.seq - carriedUpTo(id), 0),
  };
};
