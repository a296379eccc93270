import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestHub } from '../../../test/start-test-hub.ts';

const CROWD = 1_500;
/** Whom the kernel has dropped asks again a second later: that much, less what the others took to be told. */
const AGAIN_MS = 700;

let hub: TestHub;
beforeAll(async () => {
  hub = await TestHub.start({ socketPort: 0 });
});
afterAll(() => hub.stop());

it.each(['all doors', 'Socket.IO alone'])(
  'a crowd that comes while the hub is busy is kept by the kernel, at the port of %s',
  async (which) => {
    const port = which === 'all doors' ? Number(new URL(hub.url).port) : (hub.hub.socketPort ?? 0);
    // This process is the hub's too: it takes nobody in before all of them have knocked.
    const sockets = Array.from({ length: CROWD }, () => connect(port, '127.0.0.1'));
    const inAt = await Promise.all(
      sockets.map(async (socket) => {
        socket.on('error', () => undefined);
        await once(socket, 'connect');
        return performance.now();
      }),
    );
    for (const socket of sockets) socket.destroy();
    expect(Math.max(...inAt) - Math.min(...inAt)).toBeLessThan(AGAIN_MS);
  },
);
