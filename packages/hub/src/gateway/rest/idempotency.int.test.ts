import { afterAll, beforeAll, describe } from 'vitest';
import type { Door } from '../../../test/door.ts';
import { idempotencyRules } from '../../../test/idempotency-rules.ts';
import { openRest } from '../../../test/rest-door.ts';
import { TestHub } from '../../../test/start-test-hub.ts';

describe('repeated commands over REST', () => {
  let hub: TestHub;
  let door: Door;
  beforeAll(async () => {
    hub = await TestHub.start();
    door = openRest(hub);
  });
  afterAll(async () => {
    door.close();
    await hub.stop();
  });
  idempotencyRules(
    () => door,
    async () => {
      await hub.restart();
      door = openRest(hub);
    },
  );
});
