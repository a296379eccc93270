import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { expect, test } from 'vitest';

import { postgresCpuUs } from './processor-time.ts';

/** Burns CPU in a child, reports its end, and lives on as a postmaster would. */
const PARENT =
  '(i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo ready; read line; exit 0); echo gone; read line';

test.runIf(process.platform === 'linux')(
  'the CPU of a child counts while it lives and after it has exited',
  async () => {
    const parent = spawn('sh', ['-c', PARENT], { stdio: ['pipe', 'pipe', 'inherit'] });
    const pid = parent.pid ?? 0;
    await once(parent.stdout, 'data');
    const living = postgresCpuUs(pid);
    parent.stdin.write('\n');
    await once(parent.stdout, 'data');
    const exited = postgresCpuUs(pid);
    parent.stdin.end();
    await once(parent, 'exit');

    const tickUs = 10_000;
    expect(living).toBeGreaterThan(2 * tickUs);
    expect(Math.abs(exited - living)).toBeLessThan(2 * tickUs);
  },
);
