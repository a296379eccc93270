// The pooler that some tests put between the hub and its database. As root on Debian and its kin it is installed where
// it is missing; elsewhere its tests are left out, and this says so.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';

const PLACES = ['/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer'];
const INSTALL_MS_MAX = 300_000;

const aptGet = (...args) =>
  spawnSync('apt-get', args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: INSTALL_MS_MAX,
    // The package's own service is not wanted: the tests start one on a socket of theirs.
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
  }).status === 0;

export const installPgbouncer = () => {
  const isThere = () => PLACES.some((place) => existsSync(place));
  if (isThere()) return;
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log('Installing pgbouncer …');
    const install = () => aptGet('install', '--yes', '--no-install-recommends', 'pgbouncer');
    if (!install() && aptGet('update')) install();
  }
  if (!isThere())
    console.log('pgbouncer is missing: what runs behind it is left out (apt-get install pgbouncer)');
};
