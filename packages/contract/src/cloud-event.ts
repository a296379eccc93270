import { z } from 'zod';
import type { FramedEvent } from './events.ts';
import { events } from './events.ts';
import * as s from './scalars.ts';
import { URGENCIES } from './entities.ts';

/** Where the log’s events are carried for others to consume. */
export const EVENTS_TOPIC = 'act.events';
export const CLOUD_EVENT_MEDIA_TYPE = 'application/cloudevents+json';

/**
 * An event outside the hub: CloudEvents 1.0 in its JSON format. `sequence` counts the events of its project without
 * gaps, in decimal: whoever has seen one that is not lower has seen this event.
 */
export const CloudEventEnvelope = z.object({
  specversion: z.literal('1.0'),
  id: z.string().meta({ description: '<project>/<sequence>' }),
  source: z.string().meta({ description: '/v1/projects/<project>' }),
  type: z.string(),
  time: s.Timestamp,
  datacontenttype: z.literal('application/json'),
  sequence: z.string().regex(/^[1-9]\d*$/),
  partitionkey: s.ProjectId,
  priority: z.enum(URGENCIES),
  agentid: s.AgentId.optional(),
  data: z.unknown(),
});

export type CloudEvent = z.infer<typeof CloudEventEnvelope>;

/** JSON Schema of what the topic carries; the data of each type is in the schemas of the events. */
export const cloudEventSchema = (): Record<string, unknown> => ({
  ...z.toJSONSchema(CloudEventEnvelope),
  oneOf: Object.keys(events).map((type) => ({
    properties: { type: { const: type }, data: { $ref: `events.schema.json#/$defs/${type}` } },
  })),
});

export const cloudEventOf = (projectId: string, timestamp: string, event: FramedEvent): CloudEvent => ({
  specversion: '1.0',
  id: `${projectId}/${event.seq}`,
  source: `/v1/projects/${projectId}`,
  type: event.type,
  time: timestamp,
  datacontenttype: 'application/json',
  sequence: String(event.seq),
  partitionkey: projectId,
  priority: event.priority,
  ...(event.agentId === undefined ? {} : { agentid: event.agentId }),
  data: event.data,
});
