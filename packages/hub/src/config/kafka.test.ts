import { expect, it } from 'vitest';
import { ConfigError } from './integer.ts';
import { readKafka } from './kafka.ts';

it('has no Kafka unless brokers are named', () => {
  expect(readKafka({})).toBeUndefined();
  expect(readKafka({ KAFKA_BROKERS: ' , ' })).toBeUndefined();
});

it('takes brokers, TLS and a user', () => {
  expect(readKafka({ KAFKA_BROKERS: 'a.test:9092, [::1]:9093' })).toEqual({
    brokers: ['a.test:9092', '[::1]:9093'],
    isTls: false,
    isInClear: false,
    isBus: false,
    partitions: 12,
    retentionMs: 604_800_000,
  });
  const told = {
    KAFKA_BROKERS: 'a:1',
    KAFKA_CA_FILE: '/ca',
    KAFKA_CERT_FILE: '/cert',
    KAFKA_KEY_FILE: '/key',
    KAFKA_USERNAME: 'u',
    KAFKA_PASSWORD: 'p',
    KAFKA_PARTITIONS: '3',
    KAFKA_RETENTION_HOURS: '1',
    KAFKA_BUS: '1',
  };
  expect(readKafka(told)).toMatchObject({
    isTls: true,
    caFile: '/ca',
    certFile: '/cert',
    keyFile: '/key',
    sasl: { mechanism: 'SCRAM-SHA-512', username: 'u', password: 'p' },
    partitions: 3,
    retentionMs: 3_600_000,
    isBus: true,
  });
});

it('refuses what is half, or no broker, in one line', () => {
  const bad: Record<string, string>[] = [
    ...['kafka://a:1', 'a', 'a:0', 'a:70000', 'a:1;b:2'].map((text) => ({ KAFKA_BROKERS: text })),
    { KAFKA_TLS: '1' },
    { KAFKA_BUS: '1' },
    { KAFKA_BROKERS: 'a:1', KAFKA_USERNAME: 'u' },
    { KAFKA_BROKERS: 'a:1', KAFKA_CERT_FILE: '/cert' },
    { KAFKA_BROKERS: 'a:1', KAFKA_SASL_MECHANISM: 'GSSAPI', KAFKA_USERNAME: 'u', KAFKA_PASSWORD: 'p' },
    { KAFKA_BROKERS: 'a:1', KAFKA_PARTITIONS: '0' },
  ];
  for (const env of bad) expect(() => readKafka(env)).toThrow(ConfigError);
  for (const env of bad) expect(() => readKafka(env)).not.toThrow(/\n/);
});
