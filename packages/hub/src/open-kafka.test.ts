import { expect, it } from 'vitest';
import { readKafka } from './config/kafka.ts';
import { openKafka } from './open-kafka.ts';

const open = async (env: Record<string, string>): Promise<void> => {
  const config = readKafka(env);
  if (!config) throw new Error('no brokers');
  await (await openKafka(config, () => undefined)).stop();
};

it('refuses brokers that are reached over a network in the clear, unless nobody else is on it', async () => {
  for (const broker of ['kafka.test:9092', '10.0.0.1:9092', '[fd00::1]:9092'])
    await expect(open({ KAFKA_BROKERS: `127.0.0.1:9092,${broker}` })).rejects.toThrow(
      /without TLS: set KAFKA_TLS=1/,
    );
  await open({ KAFKA_BROKERS: '127.0.0.1:9092,[::1]:9092,localhost:9092' });
  await open({ KAFKA_BROKERS: 'kafka.test:9092', KAFKA_TLS: '1' });
  await open({ KAFKA_BROKERS: 'kafka.test:9092', KAFKA_IN_CLEAR: '1' });
});

it('refuses a file that cannot be read, in one line', async () => {
  await expect(open({ KAFKA_BROKERS: 'kafka.test:9092', KAFKA_CA_FILE: '/nowhere.pem' })).rejects.toThrow(
    /^KAFKA_CA_FILE: \/nowhere\.pem cannot be read \(ENOENT\)/,
  );
});
