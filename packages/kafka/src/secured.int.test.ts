import { EVENTS_TOPIC } from '@agentmix/act-contract';
import type { EventTopic, LogRecord } from '@agentmix/act-core';
import { findKafka, startKafka } from '@agentmix/act-testing/engines';
import {
  AclOperations,
  AclPermissionTypes,
  Admin,
  ResourcePatternTypes,
  ResourceTypes,
} from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendSoon } from '../test/append-soon.ts';
import { recordOf } from '../test/record-of.ts';
import { openEventTopic } from './event-topic.ts';
import { followTopic } from './follow-topic.ts';
import type { TopicMessage } from './follow-topic.ts';
import { SASL_MECHANISMS } from './options.ts';
import type { KafkaOptions } from './options.ts';

const USER = { username: 'act', password: 'wrong for everybody else' };
const PROJECT = '00000000-0000-7000-8000-000000000000';

describe.skipIf(findKafka() === undefined)('a broker that asks who it is', () => {
  let broker: Awaited<ReturnType<typeof startKafka>>;
  let admin: Admin;
  beforeAll(async () => {
    broker = await startKafka({ user: USER });
    admin = new Admin({ clientId: 'test', bootstrapBrokers: [broker.brokers] });
  }, 120_000);
  afterAll(async () => {
    await admin.close();
    await broker.stop();
  });

  const options = (more: Partial<KafkaOptions> = {}): KafkaOptions => ({
    brokers: [broker.secured?.brokers ?? ''],
    tls: { ca: broker.secured?.ca ?? '' },
    sasl: { mechanism: 'SCRAM-SHA-512', ...USER },
    partitions: 2,
    retentionMs: 3_600_000,
    log: () => undefined,
    ...more,
  });
  const allow = (operation: keyof typeof AclOperations, resourceName: string = EVENTS_TOPIC): Promise<void> =>
    admin.createAcls({
      creations: [
        {
          resourceType: resourceName === EVENTS_TOPIC ? ResourceTypes.TOPIC : ResourceTypes.GROUP,
          resourceName,
          resourcePatternType: ResourcePatternTypes.PREFIXED,
          principal: `User:${USER.username}`,
          host: '*',
          operation: AclOperations[operation],
          permissionType: AclPermissionTypes.ALLOW,
        },
      ],
    });
  let seq = 0;
  const append = async (
    topic: EventTopic,
    how = (records: readonly LogRecord[]): Promise<void> => topic.append(records),
  ): Promise<void> => {
    try {
      await how([recordOf(PROJECT, ++seq)]);
    } finally {
      await topic.close();
    }
  };
  /** The one line that the hub logs, once a minute. */
  const lineOf = async (more: KafkaOptions): Promise<string> => {
    const line = await append(openEventTopic(more)).then(
      () => 'nothing is wrong',
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    expect(line).not.toContain('\n');
    expect(line).not.toContain(USER.password);
    return line;
  };

  it('says in one line what to do where the topic is missing and may not be made', async () => {
    await allow('DESCRIBE');
    await allow('WRITE');
    expect(await lineOf(options())).toMatch(
      /^topic act\.events is missing and may not be made \(.+\): make it, or let this user create it$/,
    );
  });

  it.each(SASL_MECHANISMS)('gets every event by %s over TLS, once the topic is there', async (mechanism) => {
    await allow('CREATE');
    await allow('READ');
    await allow('READ', 'test-');
    const topic = openEventTopic(options({ sasl: { mechanism, ...USER } }));
    await append(topic, (records) => appendSoon(topic, records));
    const heard: TopicMessage[] = [];
    const following = followTopic(
      { ...options({ sasl: { mechanism, ...USER } }), groupId: `test-${mechanism}`, from: 'earliest' },
      (message) => void heard.push(message),
    );
    await expect.poll(() => heard.at(-1)?.seq, { timeout: 30_000 }).toBe(seq);
    await following.close();
  });

  it('says in one line what to do where something of the configuration is wrong', async () => {
    const { tls: _tls, ...inClear } = options();
    const wrong = { mechanism: 'SCRAM-SHA-512', username: 'act', password: 'other' } as const;
    expect(await lineOf(options({ sasl: wrong }))).toMatch(
      /^Connection to .* failed; SASL authentication failed: check KAFKA_USERNAME/,
    );
    expect(await lineOf(options({ tls: {} }))).toMatch(/KAFKA_CA_FILE/);
    expect(await lineOf(options({ brokers: [broker.brokers] }))).toMatch(/no TLS at this port/);
    expect(await lineOf(inClear)).toMatch(/KAFKA_TLS=1/);
    expect(await lineOf(options({ brokers: ['127.0.0.1:1'] }))).toMatch(/ECONNREFUSED 127\.0\.0\.1:1$/);
  });
});
