import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commands } from '@agentmix/act-contract';
import type {
  CommandArguments,
  CommandInput,
  CommandName,
  CommandOutput,
  FramedEvent,
} from '@agentmix/act-contract';
import { derivedOf, evolve, imageOf, noChanges, restore } from '@agentmix/act-core';
import type { Loaded, ProjectState, Store } from '@agentmix/act-core';
import { createDatabaseIfMissing, makePostgresStore, migrate, startEmbedded } from '@agentmix/act-postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testKeys } from '../../test/test-keys.ts';
import { CoordinationService } from './coordination-service.ts';

const AGENTS = 64;
const TASKS = 1_000;

let store: Store;
let dispose: () => Promise<void>;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'act-rows-'));
  const server = await startEmbedded({ dataDir: join(folder, 'data') });
  const { socketDir, port, superuser } = server;
  await createDatabaseIfMissing({ socketDir, port, user: superuser }, 'act');
  await migrate({ connection: { socketDir, port, user: superuser } });
  store = makePostgresStore({ connection: { socketDir, port, user: 'act_app' }, log: () => undefined });
  dispose = async () => {
    await store.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
});
afterAll(() => dispose());

const makeService = (): CoordinationService =>
  new CoordinationService({ store, keys: testKeys(), retentionMs: 1e12, log: () => undefined });

const caller =
  (service: CoordinationService) =>
  async <N extends CommandName>(
    name: N,
    projectId: string | undefined,
    input: CommandArguments<N>,
  ): Promise<CommandOutput<N>> => {
    const parsed = commands[name].input.parse(input) as CommandInput<N>;
    const called = await service.command(name, projectId ?? service.newId(), parsed, service.newId());
    if (!called.ok) throw new Error(`${name}: ${called.refusal.code}`);
    return called.output as CommandOutput<N>;
  };

const fold = (loaded: Loaded): ProjectState => {
  const state = restore(structuredClone(loaded.image));
  for (const record of loaded.unwritten) {
    const events: FramedEvent[] = JSON.parse(record.eventsText);
    for (const event of events) evolve(state, event, record.at, noChanges());
  }
  return state;
};

/** A hub under load: many agents that claim and complete side by side. */
const underLoad = async (
  service: CoordinationService,
): Promise<{ projectId: string; finished: Promise<unknown> }> => {
  const call = caller(service);
  const { projectId } = await call('project.create', undefined, { name: 'load' });
  const keys = Array.from({ length: TASKS }, (_, at) => `t${at}`);
  await call('plan.apply', projectId, {
    tasks: keys.map((key, at) => ({
      key,
      title: key,
      ...(at >= TASKS / 2 ? { dependsOn: [`t${at - TASKS / 2}`] } : {}),
    })),
  });
  const agents = Array.from({ length: AGENTS }, async (_, at) => {
    const { sessionId } = await call('agent.register', projectId, { agentId: `a${at}` });
    for (;;) {
      const { claim } = await call('task.next', projectId, { sessionId });
      if (!claim) return;
      await call('task.complete', projectId, { sessionId, taskId: claim.taskId, epoch: claim.epoch });
    }
  });
  return { projectId, finished: Promise.all(agents) };
};

describe('rows that are written later', () => {
  it('can be made again from the log at any moment, by a hub that starts then', async () => {
    const service = makeService();
    const { projectId, finished } = await underLoad(service);
    let isFinished = false;
    void finished.then(() => (isFinished = true));
    let behind = 0;
    while (!isFinished) {
      const loaded = await store.load(projectId, 100);
      if (!loaded) throw new Error('the project is gone');
      behind += loaded.unwritten.length;
      const state = fold(loaded);
      expect(derivedOf(restore(imageOf(state)))).toEqual(derivedOf(state));
      expect(state.seq).toBe(Math.max(loaded.image.project.seq, loaded.unwritten.at(-1)?.lastSeq ?? 0));
    }
    expect(behind).toBeGreaterThan(0);
    await service.stop();
    const end = await store.load(projectId, 100);
    expect(end?.unwritten).toEqual([]);
    expect(end?.image.closedTasks).toHaveLength(TASKS);
  }, 60_000);

  it('are what a query reads, also at a hub that has not loaded the project', async () => {
    const service = makeService();
    const { projectId, finished } = await underLoad(service);
    for (let round = 0; round < 20; round++) {
      // A second hub beside the first sees what is committed; its own flush may lose, never lie.
      const other = makeService();
      const { lastSeq } = (await store.readLog(projectId, 0, 1)) ?? { lastSeq: 0 };
      const counts = await other.query('project.snapshot', projectId, {});
      if (!counts.ok || !counts.value) throw new Error('no snapshot');
      expect(counts.value.seq).toBeGreaterThanOrEqual(lastSeq);
      await other.stop();
    }
    await finished;
    const done = await service.query('project.snapshot', projectId, {});
    expect(done.ok && done.value?.counts.completed).toBe(TASKS);
    await service.stop();
  }, 60_000);
});
