import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const PORT = 6432;
const START_MS_MAX = 10_000;
const PLACES = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer'];

/** Where this machine has the program, undefined where it has not. */
export const findPgbouncer = (): string | undefined => PLACES.find((place) => existsSync(place));

/** A pgbouncer in transaction mode, on a Unix socket of its own. */
export interface Pgbouncer {
  /** Directory and number of the socket. */
  readonly host: string;
  readonly port: number;
  /** For the hub's own code, as act_app. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

export interface PgbouncerOptions {
  readonly program: string;
  /** A directory to be made for configuration, socket and log. */
  readonly dir: string;
  /** Directory of the server's socket; its port is 5432, its database act. */
  readonly socketDir: string;
  /** Connections to the server that all clients share. */
  readonly poolSize: number;
}

const configOf = ({ dir, socketDir, poolSize }: PgbouncerOptions): string => `
[databases]
act = host=${socketDir} port=5432 dbname=act pool_size=${poolSize}
[pgbouncer]
listen_addr =
listen_port = ${PORT}
unix_socket_dir = ${dir}
auth_type = trust
auth_file = ${dir}/users.txt
admin_users = act_app
pool_mode = transaction
max_client_conn = 200
logfile = ${dir}/pgbouncer.log
`;

/** Starts it as the user whom the server's socket belongs to: it refuses to run as root. */
export const startPgbouncer = async (options: PgbouncerOptions): Promise<Pgbouncer> => {
  const { program, dir, socketDir } = options;
  const { uid, gid } = await stat(socketDir);
  const [config, users] = [join(dir, 'pgbouncer.ini'), join(dir, 'users.txt')];
  await mkdir(dir, { mode: 0o700 });
  await writeFile(config, configOf(options));
  await writeFile(users, '"act_app" ""\n');
  const isRoot = process.getuid?.() === 0;
  if (isRoot) for (const path of [dir, config, users]) await chown(path, uid, gid);
  const child = spawn(program, ['-q', config], { stdio: 'ignore', ...(isRoot ? { uid, gid } : {}) });
  let ending: string | undefined;
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => ((ending = error.message), resolve()));
    child.once('close', (code) => ((ending ??= `it ended with ${code}`), resolve()));
  });
  const until = performance.now() + START_MS_MAX;
  while (!existsSync(join(dir, `.s.PGSQL.${PORT}`))) {
    if (ending === undefined && performance.now() > until) child.kill('SIGKILL');
    if (ending !== undefined) throw new Error(`pgbouncer did not start: ${ending}`);
    await sleep(10);
  }
  return {
    host: dir,
    port: PORT,
    url: `postgres://act_app@/act?host=${encodeURIComponent(dir)}&port=${PORT}`,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
};
