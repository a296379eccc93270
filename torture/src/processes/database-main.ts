import { appendFileSync, chmodSync, mkdirSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createDatabaseIfMissing, startEmbedded } from '@agentmix/act-postgres';

/**
 * A database server that also listens at an address, for everybody who reaches it there. The embedded server listens on
 * a socket alone: the program that it starts is wrapped.
 */
const [dataDir = '', address = ''] = process.argv.slice(2);
const first = await startEmbedded({ dataDir });
const programs = dirname(readlinkSync(`/proc/${first.pid}/exe`));
await first.stop();
appendFileSync(join(dataDir, 'pg', 'pg_hba.conf'), 'host all act_app all trust\n');
const binDir = join(dataDir, 'bin');
mkdirSync(binDir, { mode: 0o755 });
symlinkSync(join(programs, 'initdb'), join(binDir, 'initdb'));
const wrapper = join(binDir, 'postgres');
writeFileSync(
  wrapper,
  `#!/bin/sh\nexec '${join(programs, 'postgres')}' "$@" -c listen_addresses=${address}\n`,
);
chmodSync(wrapper, 0o755);
const server = await startEmbedded({ dataDir, binDir });
const { socketDir, port, superuser: user } = server;
await createDatabaseIfMissing({ socketDir, port, user }, 'act');
process.send?.({ kind: 'ready', socketDir, port, user });
const stop = (): void => void server.stop().then(() => process.exit(0));
process.once('message', stop);
process.once('disconnect', stop);
