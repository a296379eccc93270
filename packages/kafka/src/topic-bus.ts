import { randomUUID } from 'node:crypto';
import type { Bus } from '@agentmix/act-core';
import { followTopic } from './follow-topic.ts';
import type { FollowOptions } from './follow-topic.ts';

type Listener = Parameters<Bus['subscribe']>[0];

/**
 * The bus on the log’s own topic: what hubs carry there says how far each project is, so nothing is published beside
 * it. Of messages that come together only the last of each project is told: who hears reads the log anyhow.
 */
export const openTopicBus = (options: Omit<FollowOptions, 'groupId' | 'from'>): Bus => {
  const listeners = new Set<Listener>();
  const heard = new Map<string, number>();
  const tell = (): void => {
    for (const [projectId, seq] of heard) for (const listener of listeners) listener(projectId, seq);
    heard.clear();
  };
  // A group of its own, so that it hears everything, and from now on: what was before is in the database.
  const reading = { ...options, groupId: `act-hub-${randomUUID()}`, from: 'latest' as const };
  const following = followTopic(reading, ({ projectId, seq }) => {
    if (heard.size === 0) setImmediate(tell);
    heard.set(projectId, Math.max(seq, heard.get(projectId) ?? 0));
  });
  return {
    publish: () => undefined,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    get isHearing() {
      return following.isHearing;
    },
    close: () => following.close(),
  };
};
