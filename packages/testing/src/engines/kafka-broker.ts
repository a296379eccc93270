import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startEngine } from './engine.ts';
import type { Engine } from './engine.ts';
import { choosePort } from './free-port.ts';
import { findKafka } from './install.ts';

export interface KafkaOptions {
  /** More settings of the broker, of server.properties. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** One node that is broker and controller, for one machine. */
const settingsOf = (port: number, controllerPort: number, dir: string): Record<string, string> => ({
  'process.roles': 'broker,controller',
  'node.id': '1',
  'controller.quorum.bootstrap.servers': `127.0.0.1:${controllerPort}`,
  listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
  'advertised.listeners': `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
  'inter.broker.listener.name': 'PLAINTEXT',
  'controller.listener.names': 'CONTROLLER',
  'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
  'log.dirs': join(dir, 'data'),
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '4',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'group.initial.rebalance.delay.ms': '0',
  'auto.create.topics.enable': 'false',
  // A broker that was killed is let in again when its session has run out: 9 s unless told otherwise.
  'broker.session.timeout.ms': '1000',
  'broker.heartbeat.interval.ms': '200',
});

/** Kafka of its own on the loopback address, with its data on disk; `brokers` is what clients are told. */
export const startKafka = async (
  options: KafkaOptions = {},
): Promise<Engine & { readonly brokers: string }> => {
  const libs = findKafka();
  if (libs === undefined) throw new Error('Kafka is not installed: npm run engines');
  const dir = await mkdtemp(join(tmpdir(), 'act-kafka-'));
  const port = await choosePort();
  const settings = { ...settingsOf(port, await choosePort(), dir), ...options.settings };
  const file = join(dir, 'server.properties');
  await writeFile(
    file,
    Object.entries(settings)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  const java = ['-Xmx384m', '-Xshare:auto', '-XX:TieredStopAtLevel=1', '-cp', join(libs, '*')];
  const cluster = randomBytes(16).toString('base64url');
  const format = ['kafka.tools.StorageTool', 'format', '--standalone', '-t', cluster, '-c', file];
  await promisify(execFile)('java', [...java, ...format], { cwd: dir });
  const engine = await startEngine(
    {
      command: 'java',
      args: [...java, 'kafka.Kafka', file],
      cwd: dir,
      port,
      logFile: join(dir, 'kafka.log'),
    },
    () => rm(dir, { recursive: true, force: true }),
  );
  return Object.assign(engine, { brokers: `127.0.0.1:${port}` });
};
