import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '@agentmix/act-core';
import { uuidv7 } from 'uuidv7';
import { expect, it } from 'vitest';
import { makeGate } from '../../test/failing-store.ts';
import { makeService, newTask, outputOf } from '../../test/make-service.ts';
import type { ServiceUnderTest } from '../../test/make-service.ts';
import { testKeys } from '../../test/test-keys.ts';
import { CoordinationService } from './coordination-service.ts';

it('waits for rows that a batch under way has taken along', async () => {
  const { failing, service, projectId } = await makeService();
  const taken: boolean[] = [];
  const store: Store = {
    ...failing.store,
    defersRows: true,
    commit: (batch) => {
      taken.push(batch.isRecordOnly ?? false);
      return failing.store.commit(batch);
    },
  };
  const deferring = new CoordinationService({
    store,
    keys: testKeys(),
    retentionMs: 3_600_000,
    log: () => undefined,
  });
  const run: ServiceUnderTest['run'] = (name, input) => deferring.command(name, projectId, input, uuidv7());
  const { sessionId } = outputOf(
    await run('agent.register', { agentId: 'ada', capabilities: [], leaseMs: 30_000 }),
  );
  const taskIds: string[] = [];
  for (let count = 0; count < 5; count++)
    taskIds.push(String(outputOf(await run('task.create', newTask(`t${count}`)))['taskId']));
  // Batches that follow each other so closely are load, and claims may be written later.
  for (const taskId of taskIds) outputOf(await run('task.claim', { taskId, sessionId: String(sessionId) }));
  expect(taken.at(-1)).toBe(true);

  const gate = makeGate();
  failing.faults.push(gate.fault);
  const created = run('task.create', newTask('takes all rows along'));
  await sleep(5);
  expect(taken.at(-1)).toBe(false);
  let isAnswered = false;
  const listed = deferring
    .query('task.list', projectId, { limit: 10 })
    .then((answer) => ((isAnswered = true), answer));
  await sleep(20);
  expect(isAnswered).toBe(false);
  gate.open();
  await created;
  expect(await listed).toMatchObject({ ok: true });
  await Promise.all([deferring.stop(), service.stop()]);
});
