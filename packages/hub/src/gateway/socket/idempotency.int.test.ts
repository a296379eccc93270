import { afterAll, beforeAll, describe } from 'vitest';
import type { Door } from '../../../test/door.ts';
import { idempotencyRules } from '../../../test/idempotency-rules.ts';
import { openSocket } from '../../../test/socket-door.ts';
import { TestHub } from '../../../test/start-test-hub.ts';

describe('repeated commands over Socket.IO', () => {
  let hub: TestHub;
  let door: Door;
  beforeAll(async () => {
    hub = await TestHub.start();
    door = await openSocket(hub);
  });
  afterAll(async () => {
    door.close();
    await hub.stop();
  });
  idempotencyRules(
    () => door,
    async () => {
      await hub.restart();
      door = await openSocket(hub);
    },
  );
});
