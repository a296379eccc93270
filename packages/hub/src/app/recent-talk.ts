import type { FramedEvent } from '@agentmix/act-contract';
import { hear, makeTalk } from '@agentmix/act-core';
import type { Heard, LogRecord, Talk } from '@agentmix/act-core';

/** Parsing a whole tail for its few messages and contentions would cost a restart 50 ms. */
const mayTell = ({ eventsText }: LogRecord): boolean =>
  eventsText.includes('"message.sent"') ||
  eventsText.includes('"update.broadcast"') ||
  eventsText.includes('"resource_contention"');

/** Goes on with one more record. */
export const hearRecord = (talk: Talk, record: LogRecord): void => {
  if (!mayTell(record)) return;
  const events: FramedEvent[] = JSON.parse(record.eventsText);
  for (const event of events) hear(talk, event, record.at);
};

/** What the agents of a project said lately, as its newest records tell it. */
export const recentTalk = (tail: readonly LogRecord[], heard: Heard): Talk => {
  const talk = makeTalk(heard);
  for (const record of tail) hearRecord(talk, record);
  return talk;
};
