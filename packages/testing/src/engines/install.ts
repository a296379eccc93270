import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

const INSTALL_MS_MAX = 600_000;
const KAFKA_VERSION = '4.1.1';

/** Debian's packages of the programs that Kafka needs. */
const KAFKA_PACKAGES = {
  java: 'openjdk-17-jre-headless',
  mvn: 'maven',
} as const;

/** Kafka as its jars: Maven copies them and what they need. Kafka names no backend for its log messages itself. */
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>act</groupId><artifactId>kafka-broker</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${KAFKA_VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>2.24.3</version>
    </dependency>
  </dependencies>
</project>
`;

/** Outside the project, so that every clone of a machine has them once. */
const cacheDir = (): string =>
  join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'act-hub', `kafka-${KAFKA_VERSION}`);

const isInPath = (name: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));

/** Directory of Kafka’s jars; undefined where they, or Java, are missing. */
export const findKafka = (): string | undefined => {
  const libs = join(cacheDir(), 'libs');
  return isInPath('java') && existsSync(libs) ? libs : undefined;
};

export const hasRedis = (): boolean => isInPath('redis-server') && isInPath('redis-cli');

type Log = (line: string) => void;

const aptGet = (...args: string[]): boolean =>
  spawnSync('apt-get', args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: INSTALL_MS_MAX,
    // The packages' own services are not wanted: whoever needs an engine starts one on a port of its own.
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
  }).status === 0;

const installPrograms = (packages: Readonly<Record<string, string>>, log: Log): void => {
  const missing = Object.entries(packages)
    .filter(([program]) => !isInPath(program))
    .map(([, name]) => name);
  if (missing.length === 0 || process.getuid?.() !== 0 || !isInPath('apt-get')) return;
  log(`Installing ${missing.join(', ')} …`);
  const install = (): boolean => aptGet('install', '--yes', '--no-install-recommends', ...missing);
  if (!install() && aptGet('update')) install();
};

const installKafka = (log: Log): void => {
  if (findKafka() !== undefined || !isInPath('java') || !isInPath('mvn')) return;
  log(`Installing Kafka ${KAFKA_VERSION} (once; half a minute) …`);
  const folder = cacheDir();
  // Each installer copies into a folder of its own: what is called `libs` is whole.
  const draft = join(folder, `draft-${process.pid}`);
  mkdirSync(draft, { recursive: true });
  writeFileSync(join(draft, 'pom.xml'), POM);
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', '-DoutputDirectory=libs'];
  const done = spawnSync('mvn', ['--batch-mode', '--quiet', '-Dstyle.color=never', ...goal], {
    cwd: draft,
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: INSTALL_MS_MAX,
  });
  if (done.status === 0 && !existsSync(join(folder, 'libs')))
    renameSync(join(draft, 'libs'), join(folder, 'libs'));
  rmSync(draft, { recursive: true, force: true });
};

/** Installs Redis where it is missing, as root on Debian and its kin only. Says so when it is missing then. */
export const installRedis = (log: Log): void => {
  installPrograms({ 'redis-server': 'redis-server' }, log);
  if (!hasRedis())
    log('redis-server is missing: what runs with Redis is left out (apt-get install redis-server)');
};

/**
 * Installs what is missing of Redis and Kafka, programs as root on Debian and its kin only. Says so when something is
 * missing then.
 */
export const installEngines = (log: Log): void => {
  installRedis(log);
  installPrograms(KAFKA_PACKAGES, log);
  installKafka(log);
  if (findKafka() === undefined)
    log('Kafka is missing: what runs with it is left out (apt-get install openjdk-17-jre-headless maven)');
};
