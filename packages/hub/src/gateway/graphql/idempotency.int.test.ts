import { afterAll, beforeAll, describe } from 'vitest';
import type { Door } from '../../../test/door.ts';
import { idempotencyRules } from '../../../test/idempotency-rules.ts';
import { openGraphql } from '../../../test/graphql-door.ts';
import { TestHub } from '../../../test/start-test-hub.ts';

describe('repeated commands over GraphQL', () => {
  let hub: TestHub;
  let door: Door;
  beforeAll(async () => {
    hub = await TestHub.start();
    door = openGraphql(hub);
  });
  afterAll(async () => {
    door.close();
    await hub.stop();
  });
  idempotencyRules(
    () => door,
    async () => {
      await hub.restart();
      door = openGraphql(hub);
    },
  );
});
