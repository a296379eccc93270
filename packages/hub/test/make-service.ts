import type { CommandInput, CommandName } from '@agentmix/act-contract';
import type { Bus } from '@agentmix/act-core';
import { uuidv7 } from 'uuidv7';
import { CoordinationService } from '../src/app/coordination-service.ts';
import type { Outcome } from '../src/app/batch.ts';
import { FailingStore } from './failing-store.ts';
import { testKeys } from './test-keys.ts';

export interface ServiceUnderTest {
  readonly failing: FailingStore;
  readonly service: CoordinationService;
  readonly projectId: string;
  readonly run: <N extends CommandName>(name: N, input: CommandInput<N>, id?: string) => Promise<Outcome>;
  readonly titles: () => Promise<string[]>;
}

export const outputOf = (outcome: Outcome): Record<string, unknown> => {
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.refusal));
  return outcome.output as Record<string, unknown>;
};

export const newTask = (title: string): CommandInput<'task.create'> => ({
  title,
  type: 'task',
  priority: 2,
  requires: [],
  filePaths: [],
  dependencies: [],
});

/** A service over a store that can fail, with one project. Given a bus, others may write to the store too. */
export const makeService = async (projectId = uuidv7(), bus?: Bus): Promise<ServiceUnderTest> => {
  const failing = new FailingStore();
  const service = new CoordinationService({
    ...(bus ? { bus } : {}),
    store: failing.store,
    keys: testKeys(),
    retentionMs: 3_600_000,
    log: () => undefined,
  });
  outputOf(await service.command('project.create', projectId, { name: 'tested' }, uuidv7()));
  return {
    failing,
    service,
    projectId,
    run: (name, input, id = uuidv7()) => service.command(name, projectId, input, id),
    titles: async () => {
      const page = await failing.inner.query('task.list', projectId, { limit: 500 });
      return page?.items.map(({ title }) => title) ?? [];
    },
  };
};
