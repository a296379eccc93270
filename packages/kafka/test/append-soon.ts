import { setTimeout as sleep } from 'node:timers/promises';
import type { EventTopic, LogRecord } from '@agentmix/act-core';

const MS_MAX = 15_000;
const REST_MS = 100;

/** Appends as the relay does: what fails is tried again. A topic that was just made has no leader for a moment. */
export const appendSoon = async (topic: EventTopic, records: readonly LogRecord[]): Promise<void> => {
  const until = performance.now() + MS_MAX;
  for (;;)
    try {
      return await topic.append(records);
    } catch (error) {
      if (performance.now() > until) throw error;
      await sleep(REST_MS);
    }
};
