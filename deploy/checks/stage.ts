import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDatabaseIfMissing, startEmbedded } from '@agentmix/act-postgres';
import { choosePort } from '@agentmix/act-testing/engines';
import pg from 'pg';
import { makeAuthority } from '../../packages/hub/test/certificates.ts';
import { startTlsFront } from '../../packages/hub/test/tls-front.ts';
import { commandsOf, makeTree } from './image.ts';
import { root, runTool } from './tools.ts';

const SECRETS = '/run/secrets/';

/** A service's environment in compose.yaml, without what speaks of services that are not on the stage. */
const environmentOf = (service: string): Record<string, string> => {
  const words = ['--file', 'compose.yaml', '--profile', 'watch', 'config', '--format', 'json'];
  const { stdout } = runTool('docker-compose', ...words);
  const model = JSON.parse(stdout) as {
    services: Record<string, { environment: Record<string, string> } | undefined>;
  };
  const away = new Set(['REDIS_URL', 'KAFKA_BROKERS', 'ACT_SOCKET_PORT', 'ACT_DATABASE_IN_CLEAR']);
  const entries = Object.entries(model.services[service]?.environment ?? {});
  return Object.fromEntries(entries.filter(([name]) => !away.has(name)));
};

/** What the database's container does when it is made; psql's own line, which reads the password, is ours here. */
const createHubUser = async (connection: pg.ClientConfig, password: string): Promise<void> => {
  const script = readFileSync(join(root, 'deploy', 'compose', 'create-act-app.sql'), 'utf8');
  const client = new pg.Client({ ...connection, database: 'act' });
  await client.connect();
  await client.query(script.replace(/^\\set.*$/m, '').replace(":'password'", `'${password}'`));
  await client.end();
};

export interface Stage {
  readonly folder: string;
  readonly commands: ReturnType<typeof commandsOf>;
  /** Of the hub, as compose.yaml has it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly watcherEnvironment: Readonly<Record<string, string>>;
  readonly secretFile: (name: string) => string;
  readonly close: () => Promise<void>;
}

/** The image's tree, a PostgreSQL server that speaks TLS, and secrets by the image's own command. */
export const setStage = async (): Promise<Stage> => {
  // Not below /tmp, which is another folder in each container.
  const folder = mkdtempSync('/var/tmp/act-image-');
  chmodSync(folder, 0o755);
  const tree = join(folder, 'app');
  makeTree(tree);
  const commands = commandsOf(tree);
  const server = await startEmbedded({ dataDir: join(folder, 'server') });
  const { socketDir, port, superuser } = server;
  await createDatabaseIfMissing({ socketDir, port, user: superuser }, 'act');
  const authority = makeAuthority(folder);
  const front = await startTlsFront(join(socketDir, `.s.PGSQL.${port}`), authority.issue('server'));

  const secrets = join(folder, 'secrets');
  const [program = '', ...words] = commands.act('secrets', secrets);
  execFileSync(program, words, { stdio: ['ignore', 'ignore', 'inherit'] });
  // An engine mounts the files, one by one, so that their folder's mode is not in the way.
  chmodSync(secrets, 0o755);
  const secretFile = (name: string): string => join(secrets, name);
  await createHubUser(
    { host: socketDir, port, user: superuser },
    readFileSync(secretFile('act-app-password'), 'utf8').trim(),
  );
  const tls = `sslmode=verify-full&sslrootcert=${authority.caFile}`;
  const urlAs = (user: string): string => `postgres://${user}@localhost:${front.port}/act?${tls}\n`;
  writeFileSync(secretFile('migrate-url'), urlAs(superuser));
  writeFileSync(secretFile('database-url'), urlAs('act_app'));

  const moved = (environment: Record<string, string>): Record<string, string> =>
    Object.fromEntries(
      Object.entries(environment).map(([name, value]) => [name, value.replace(SECRETS, `${secrets}/`)]),
    );
  const hubPort = String(await choosePort());
  const url = `http://127.0.0.1:${hubPort}`;
  return {
    folder,
    commands,
    // By loopback instead of the image's 0.0.0.0: nothing of this is reached from elsewhere.
    environment: {
      ...moved(environmentOf('hub')),
      HOME: '/tmp',
      ACT_HOST: '127.0.0.1',
      ACT_PORT: hubPort,
      ACT_URL: url,
    },
    watcherEnvironment: { ...moved(environmentOf('watcher')), HOME: '/tmp', ACT_URL: url },
    secretFile,
    async close() {
      front.close();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
