import { afterAll, beforeAll, describe } from 'vitest';
import type { Door } from '../../../test/door.ts';
import { openGraphql } from '../../../test/graphql-door.ts';
import { TestHub } from '../../../test/start-test-hub.ts';
import { tableRules } from '../../../test/table-rules.ts';

describe('the contract’s table over GraphQL', () => {
  let hub: TestHub;
  let door: Door;
  beforeAll(async () => {
    hub = await TestHub.start();
    door = openGraphql(hub);
  });
  afterAll(() => hub.stop());
  tableRules(() => door);
});
