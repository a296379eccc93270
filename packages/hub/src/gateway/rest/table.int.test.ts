import { afterAll, beforeAll, describe } from 'vitest';
import type { Door } from '../../../test/door.ts';
import { openRest } from '../../../test/rest-door.ts';
import { TestHub } from '../../../test/start-test-hub.ts';
import { tableRules } from '../../../test/table-rules.ts';

describe('the contract’s table over REST', () => {
  let hub: TestHub;
  let door: Door;
  beforeAll(async () => {
    hub = await TestHub.start();
    door = openRest(hub);
  });
  afterAll(() => hub.stop());
  tableRules(() => door);
});
