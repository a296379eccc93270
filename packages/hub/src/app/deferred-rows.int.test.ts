import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { commands } from '@agentmix/act-contract';
import type {
  CommandArguments,
  CommandInput,
  CommandName,
  CommandOutput,
  FramedEvent,
} from '@agentmix/act-contract';
import { derivedOf, emptyState, evolve, imageOf, noChanges, restore } from '@agentmix/act-core';
import type { Bus, Loaded, LogRecord, ProjectState, Store } from '@agentmix/act-core';
import { makeMemoryBuses } from '@agentmix/act-memory';
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

const makeService = (shared: { store?: Store; bus?: Bus } = {}): CoordinationService =>
  new CoordinationService({ store, keys: testKeys(), retentionMs: 1e12, log: () => undefined, ...shared });

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

const evolveRecords = (state: ProjectState, records: readonly LogRecord[]): ProjectState => {
  for (const record of records) {
    const events: FramedEvent[] = JSON.parse(record.eventsText);
    for (const event of events) evolve(state, event, record.at, noChanges());
  }
  return state;
};

const fold = (loaded: Loaded): ProjectState =>
  evolveRecords(restore(structuredClone(loaded.image)), loaded.unwritten);

/** A hub among others, whose flushes wait until they are let go. */
const makeSlowFlusher = (bus: Bus) => {
  let [open, begin] = [(): void => undefined, (): void => undefined];
  const opened = new Promise<void>((resolve) => (open = resolve));
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const flush: Store['flush'] = async (rows) => {
    begin();
    await opened;
    return store.flush(rows);
  };
  const service = makeService({ store: { ...store, flush }, bus });
  return { service, call: caller(service), begun, open: () => open() };
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

  it('are not taken for written by the next batch while they are on their way, and another hub writes', async () => {
    const { open } = makeMemoryBuses();
    const [one, other] = [makeSlowFlusher(open()), makeSlowFlusher(open())];
    const { projectId } = await one.call('project.create', undefined, { name: 'two hubs' });
    const keys = Array.from({ length: 100 }, (_, at) => `t${at}`);
    await one.call('plan.apply', projectId, { tasks: keys.map((key) => ({ key, title: key })) });
    const crowdAt = async ({ call }: typeof one, name: string) => {
      const agents = Array.from({ length: 40 }, (_, at) => ({ agentId: `${name}${at}` }));
      const sessions = await Promise.all(agents.map((agent) => call('agent.register', projectId, agent)));
      return () => Promise.all(sessions.map(({ sessionId }) => call('task.next', projectId, { sessionId })));
    };
    const [claimAtOne, claimAtOther] = [await crowdAt(one, 'a'), await crowdAt(other, 'b')];
    await claimAtOne();
    await one.begun;
    await claimAtOther();
    await other.begun;
    const created = one.call('task.create', projectId, { title: 'with its rows' });
    await Promise.race([created, sleep(300)]);
    const [loaded, log] = [await store.load(projectId, 100), await store.readLog(projectId, 0, 1e9)];
    if (!loaded || !log) throw new Error('the project is gone');
    expect(imageOf(fold(loaded)).tasks).toEqual(
      imageOf(evolveRecords(emptyState(projectId), log.records)).tasks,
    );
    one.open();
    other.open();
    await created;
    await Promise.all([one.service.stop(), other.service.stop()]);
  }, 60_000);
});
