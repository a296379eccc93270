import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { findKafka, startKafka } from '@agentmix/act-testing/engines';
import { expect, it } from 'vitest';
import { appendSoon } from '../test/append-soon.ts';
import { recordOf } from '../test/record-of.ts';
import { openEventTopic } from './event-topic.ts';

const EXAMPLE = fileURLToPath(new URL('../../../examples/kafka-consumer.mjs', import.meta.url));
const PROJECTS = ['00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002'];

it.skipIf(findKafka() === undefined)(
  'prints every event once and in order, however often it is sent, and goes on where it was ended',
  async () => {
    const broker = await startKafka();
    const kafka = { brokers: [broker.brokers], partitions: 2, retentionMs: 3_600_000, log: () => undefined };
    const topic = openEventTopic(kafka);
    const append = (...seqs: number[]): Promise<void> =>
      appendSoon(
        topic,
        PROJECTS.flatMap((projectId) => seqs.map((seq) => recordOf(projectId, seq))),
      );
    const start = () => {
      const env = { ...process.env, KAFKA_BROKERS: broker.brokers };
      const child = spawn(process.execPath, [EXAMPLE], { env, stdio: ['ignore', 'pipe', 'inherit'] });
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
      const seqs = (): number[][] =>
        PROJECTS.map((projectId) =>
          [...text.matchAll(new RegExp(`${projectId} (\\d+) task.created`, 'g'))].map(([, seq]) =>
            Number(seq),
          ),
        );
      const end = async (): Promise<void> => {
        const exited = once(child, 'exit');
        child.kill('SIGINT');
        expect((await exited)[0]).toBe(0);
      };
      return { seqs, end };
    };
    const WAIT = { timeout: 30_000, interval: 50 };
    try {
      await append(1, 2, 3);
      await append(2, 3, 4);
      const first = start();
      await expect.poll(first.seqs, WAIT).toEqual([
        [1, 2, 3, 4],
        [1, 2, 3, 4],
      ]);
      await first.end();
      await append(5);
      const second = start();
      await expect.poll(second.seqs, WAIT).toEqual([[5], [5]]);
      await second.end();
    } finally {
      await topic.close();
      await broker.stop();
    }
  },
);
