import type { FramedEvent } from '@agentmix/act-contract';
import { hear, makeTalk } from '@agentmix/act-core';
import type { Heard, LogRecord, Talk } from '@agentmix/act-core';

/** Parsing a whole tail for its few messages would cost a restart 50 ms. */
const mayHoldMessages = ({ eventsText }: LogRecord): boolean =>
  eventsText.includes('"message.sent"') || eventsText.includes('"update.broadcast"');

/** What the agents of a project said lately, as its newest records tell it. */
export const recentTalk = (tail: readonly LogRecord[], heard: Heard): Talk => {
  const talk = makeTalk(heard);
  for (const record of tail.filter(mayHoldMessages)) {
    const events: FramedEvent[] = JSON.parse(record.eventsText);
    for (const event of events) hear(talk, event, record.at);
  }
  return talk;
};
