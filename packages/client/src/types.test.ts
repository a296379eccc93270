import type { Claim, QueryOutput, Refusal } from '@agentmix/act-contract';
import { describe, expectTypeOf, it } from 'vitest';
import type { ActAgent } from './agent/types.ts';
import type { Hub } from './hub.ts';
import type { Result } from './result.ts';
import type { StreamItem } from './stream/follow.ts';

// Checked by `tsc -p packages/client/tsconfig.test.json`; the functions are never called.
describe('the types', () => {
  it('narrow a result by `ok`', () => {
    const check = async (agent: ActAgent) => {
      const result = await agent.claimTask('t');
      // @ts-expect-error a claim is there only when the result is ok
      void result.value;
      if (result.ok) {
        expectTypeOf(result.value).toEqualTypeOf<Claim>();
        expectTypeOf(result.value.epoch).toBeNumber();
      } else {
        expectTypeOf(result.refusal).toEqualTypeOf<Refusal>();
        // @ts-expect-error no such code in the contract
        void (result.refusal.code === 'no_such_code');
      }
    };
    expectTypeOf(check).toBeFunction();
  });

  it('tie inputs and outputs to the names of the contract', () => {
    const check = (hub: Hub) => {
      expectTypeOf(hub.query('task.get', 'p', { taskId: 't' })).resolves.toEqualTypeOf<
        Result<QueryOutput<'task.get'>>
      >();
      // @ts-expect-error a task needs a title
      void hub.command('task.create', 'p', {});
      // @ts-expect-error no such command
      void hub.command('task.steal', 'p', {});
    };
    expectTypeOf(check).toBeFunction();
  });

  it('make a consumer of a stream deal with a reset', () => {
    const check = (item: StreamItem) => {
      // @ts-expect-error a reset has no event
      void item.event;
      if (item.kind === 'event' && item.event.type === 'task.claimed')
        expectTypeOf(item.event.data.epoch).toBeNumber();
    };
    expectTypeOf(check).toBeFunction();
  });

  it('keep the first specification’s methods', () => {
    expectTypeOf<ActAgent['register']>().returns.resolves.toBeString();
    expectTypeOf<ActAgent['requestAssistance']>().returns.resolves.toEqualTypeOf<string[]>();
    expectTypeOf<ActAgent['disconnect']>().returns.resolves.toBeVoid();
  });
});
