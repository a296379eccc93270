import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventTopic } from '@agentmix/act-core';
import { findKafka, startKafka } from '@agentmix/act-testing/engines';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appendSoon } from '../test/append-soon.ts';
import { recordOf } from '../test/record-of.ts';
import { openEventTopic } from './event-topic.ts';
import type { KafkaTls } from './options.ts';

const USER = { username: 'act', password: 'known to the hub' };
const PROJECT = '00000000-0000-7000-8000-000000000000';

/** A certificate that nobody but itself vouches for, and its key. */
const makeCertificate = (folder: string, name: string) => {
  const [keyFile, certFile] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile];
  const args = ['req', '-x509', ...newKey, '-subj', `/CN=${name}`, '-days', '2', '-out', certFile];
  execFileSync('openssl', args, { stdio: 'ignore' });
  return { certFile, cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') };
};

describe.skipIf(findKafka() === undefined)('a broker that asks for a certificate', () => {
  const folder = mkdtempSync(join(tmpdir(), 'act-kafka-mutual-'));
  const known = makeCertificate(folder, 'hub');
  let broker: Awaited<ReturnType<typeof startKafka>>;
  beforeAll(async () => {
    const settings = {
      'listener.name.clients.ssl.client.auth': 'required',
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': known.certFile,
      'super.users': `User:ANONYMOUS;User:${USER.username}`,
    };
    broker = await startKafka({ user: USER, settings });
  }, 120_000);
  afterAll(async () => {
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const withTopic = async (
    own: Pick<KafkaTls, 'cert' | 'key'>,
    use: (topic: EventTopic) => Promise<void>,
  ): Promise<void> => {
    const topic = openEventTopic({
      brokers: [broker.secured?.brokers ?? ''],
      tls: { ca: broker.secured?.ca ?? '', ...own },
      sasl: { mechanism: 'SCRAM-SHA-512', ...USER },
      partitions: 1,
      retentionMs: 3_600_000,
      log: () => undefined,
    });
    try {
      await use(topic);
    } finally {
      await topic.close();
    }
  };

  it('takes events of a hub that shows the one it trusts', async () => {
    const { cert, key } = known;
    await withTopic({ cert, key }, (topic) => appendSoon(topic, [recordOf(PROJECT, 1)]));
  });

  // An error that nobody listens for ends the process; vitest tells of it.
  it('takes none of a hub that shows none, or another: one line says what to do', async () => {
    const { cert, key } = makeCertificate(folder, 'stranger');
    for (const own of [{}, { cert, key }])
      for (let time = 0; time < 5; time++)
        await expect(withTopic(own, (topic) => topic.append([recordOf(PROJECT, 2)]))).rejects.toThrow(
          /^[^\n]*: name a certificate that brokers take by KAFKA_CERT_FILE and KAFKA_KEY_FILE$/,
        );
  });
});
