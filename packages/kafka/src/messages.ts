import { CLOUD_EVENT_MEDIA_TYPE, cloudEventOf, EVENTS_TOPIC } from '@agentmix/act-contract';
import type { FramedEvent } from '@agentmix/act-contract';
import type { LogRecord } from '@agentmix/act-core';

/** Of one request: what brokers take by themselves is 1 MiB, headers and keys included. */
const REQUEST_BYTES_MAX = 524_288;
const CONTENT_TYPE = `${CLOUD_EVENT_MEDIA_TYPE}; charset=utf-8`;
/** Also in the value: whoever wants only to know how far a project is need not parse it. */
export const SEQUENCE_HEADER = 'sequence';

export interface EventMessage {
  readonly topic: string;
  readonly key: string;
  readonly value: string;
  readonly headers: Map<string, string>;
}

/** Events as CloudEvents in structured mode: a message says everything, whatever becomes of its headers. */
const messagesOf = ({ projectId, at, eventsText }: LogRecord): EventMessage[] => {
  const timestamp = new Date(at).toISOString();
  // Written by the hub that committed the record.
  const events = JSON.parse(eventsText) as FramedEvent[];
  return events.map((event) => ({
    topic: EVENTS_TOPIC,
    key: projectId,
    value: JSON.stringify(cloudEventOf(projectId, timestamp, event)),
    headers: new Map([
      ['content-type', CONTENT_TYPE],
      [SEQUENCE_HEADER, String(event.seq)],
    ]),
  }));
};

/** Messages of these records in order, in parts that fit a request each. */
export function* requestsOf(records: readonly LogRecord[]): Generator<EventMessage[]> {
  let part: EventMessage[] = [];
  let bytes = 0;
  for (const message of records.flatMap(messagesOf)) {
    const size = Buffer.byteLength(message.value);
    if (part.length > 0 && bytes + size > REQUEST_BYTES_MAX) {
      yield part;
      [part, bytes] = [[], 0];
    }
    part.push(message);
    bytes += size;
  }
  if (part.length > 0) yield part;
}
