import { expect, it } from 'vitest';
import { findKafka } from './install.ts';
import { startKafka } from './kafka-broker.ts';

it.skipIf(findKafka() === undefined)(
  'a broker starts whatever its cluster is called, with a dash in front too',
  async () => {
    const kafka = await startKafka({ clusterId: '-YrleosCrvs0oJrc4zyAxQ' });
    await kafka.stop();
    expect(kafka.pid).toBeGreaterThan(0);
  },
);
