import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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
  /** 16 bytes as base64url, random unless told. */
  readonly clusterId?: string;
  /** Whom it lets in over TLS, beside everybody on the listener in clear. */
  readonly user?: KafkaUser;
}

export interface KafkaUser {
  readonly username: string;
  readonly password: string;
}

/** Where clients come in with TLS and a name, and the certificate that the broker proves itself by, as PEM. */
export interface SecuredListener {
  readonly brokers: string;
  readonly ca: string;
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

const SCRAM_MECHANISMS = ['SCRAM-SHA-256', 'SCRAM-SHA-512'];

/**
 * A second listener over TLS, where a client says who it is by PLAIN or SCRAM, and may do only what an access list
 * allows. Whoever comes in by the listener in clear may do everything: brokers, and tests that prepare something.
 */
const secure = async (dir: string, { username, password }: KafkaUser, settings: Record<string, string>) => {
  const port = await choosePort();
  const [key, certificate, both] = [join(dir, 'key.pem'), join(dir, 'ca.pem'), join(dir, 'both.pem')];
  const subject = ['-subj', '/CN=act-kafka', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key];
  const args = ['req', '-x509', ...newKey, ...subject, '-out', certificate];
  await promisify(execFile)('openssl', args);
  const ca = await readFile(certificate, 'utf8');
  await writeFile(both, `${await readFile(key, 'utf8')}${ca}`);
  const login = (module: string, more = ''): string =>
    `org.apache.kafka.common.security.${module} required${more};`;
  const address = `CLIENTS://127.0.0.1:${port}`;
  return {
    listener: { brokers: `127.0.0.1:${port}`, ca },
    users: SCRAM_MECHANISMS.flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=${username},password=${password}]`,
    ]),
    settings: {
      listeners: `${settings['listeners']},${address}`,
      'advertised.listeners': `${settings['advertised.listeners']},${address}`,
      'listener.security.protocol.map': `${settings['listener.security.protocol.map']},CLIENTS:SASL_SSL`,
      'sasl.enabled.mechanisms': ['PLAIN', ...SCRAM_MECHANISMS].join(),
      'listener.name.clients.plain.sasl.jaas.config': login(
        'plain.PlainLoginModule',
        ` user_${username}="${password}"`,
      ),
      ...Object.fromEntries(
        SCRAM_MECHANISMS.map((mechanism) => [
          `listener.name.clients.${mechanism.toLowerCase()}.sasl.jaas.config`,
          login('scram.ScramLoginModule'),
        ]),
      ),
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': both,
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
    },
  };
};

/** Kafka of its own on the loopback address, with its data on disk; `brokers` is what clients are told. */
export const startKafka = async (
  options: KafkaOptions = {},
): Promise<Engine & { readonly brokers: string; readonly secured?: SecuredListener }> => {
  const libs = findKafka();
  if (libs === undefined) throw new Error('Kafka is not installed: npm run engines');
  const dir = await mkdtemp(join(tmpdir(), 'act-kafka-'));
  const port = await choosePort();
  const plain = settingsOf(port, await choosePort(), dir);
  const secured = options.user && (await secure(dir, options.user, plain));
  const settings = { ...plain, ...secured?.settings, ...options.settings };
  const file = join(dir, 'server.properties');
  await writeFile(
    file,
    Object.entries(settings)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
  );
  const java = ['-Xmx384m', '-Xshare:auto', '-XX:TieredStopAtLevel=1', '-cp', join(libs, '*')];
  const clusterId = options.clusterId ?? randomBytes(16).toString('base64url');
  // As one word, since one id of 64 begins with a dash and would be taken for an option.
  const format = [
    'kafka.tools.StorageTool',
    'format',
    '--standalone',
    `--cluster-id=${clusterId}`,
    '-c',
    file,
  ];
  await promisify(execFile)('java', [...java, ...format, ...(secured?.users ?? [])], { cwd: dir });
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
  return Object.assign(engine, {
    brokers: `127.0.0.1:${port}`,
    ...(secured ? { secured: secured.listener } : {}),
  });
};
