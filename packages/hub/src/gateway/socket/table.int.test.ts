import { afterAll, beforeAll, describe } from 'vitest';
import type { Door } from '../../../test/door.ts';
import { openSocket } from '../../../test/socket-door.ts';
import { TestHub } from '../../../test/start-test-hub.ts';
import { tableRules } from '../../../test/table-rules.ts';

describe('the contract’s table over Socket.IO', () => {
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
  tableRules(() => door);
});
