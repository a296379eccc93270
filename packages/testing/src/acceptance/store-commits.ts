import { describe, expect, it } from 'vitest';
import { answer, decide, derivedOf, imageOf, restore } from '@agentmix/act-core';
import type { ProjectImage, ProjectState } from '@agentmix/act-core';
import { uuidv7 } from 'uuidv7';
import { contextOf } from '../given.ts';
import { compareAll } from '../simulator/compare.ts';
import { makeRandom } from '../simulator/random.ts';
import { begin } from '../simulator/run-seed.ts';
import { retry, work } from '../simulator/steps.ts';
import { makeWorld } from '../simulator/world.ts';
import { addTask, join, makeDriver, newProject, openDriver, prepare, run, sent, write } from './driver.ts';
import type { StoreUnderTest } from './driver.ts';

const ROUNDS = 150;

const rowsOf = async ({ store }: StoreUnderTest, projectId: string): Promise<ProjectImage> => {
  const loaded = await store.load(projectId, 1);
  if (!loaded) throw new Error(`no project ${projectId}`);
  return imageOf(restore(loaded.image));
};

const expectRows = async (under: StoreUnderTest, state: ProjectState): Promise<void> => {
  const rows = await rowsOf(under, state.id);
  expect(rows).toEqual(imageOf(state));
  expect(derivedOf(restore(rows))).toEqual(derivedOf(state));
};

/** Rows say what the log says, whatever happened. */
const suiteOfRows = (under: () => StoreUnderTest): void => {
  it.each([1, 2, 3])(
    'holds rows equal to the folded log after many random commands (%i)',
    { timeout: 120_000 },
    async (seed) => {
      const { store } = under();
      const world = makeWorld(seed, { store, projectId: uuidv7() });
      world.now = Math.floor(await store.clock());
      await begin(world);
      for (let round = 0; round < ROUNDS; round++) {
        world.random = makeRandom(seed, round + 1);
        world.now = Math.floor(await store.clock());
        await (world.random.chance(0.9) ? work(world) : retry(world));
      }
      expect(world.stats.records).toBeGreaterThan(ROUNDS / 3);
      await compareAll(world);
    },
  );

  it('writes the rows of a batch as they are after its last command', async () => {
    const project = await newProject(under().store);
    const sessionId = await join(project, 'ada');
    const taskId = await addTask(project, { title: 'one' });
    const grant = { taskId, sessionId, epoch: 1 };
    const batch = [
      sent('task.claim', { taskId, sessionId }),
      sent('task.progress', { ...grant, percent: 50, note: 'half', checkpoint: { branch: 'b' } }),
      sent('task.complete', { ...grant, result: { ok: true } }),
      sent('task.create', { title: 'two' }),
      sent('agent.disconnect', { sessionId }),
      sent('agent.register', { agentId: 'ada' }),
    ];
    expect(await write(project, batch)).toMatchObject({ outcome: 'committed' });
    await expectRows(under(), project.state);
  });

  it('lets an agent resume its session, with its tasks, from the rows', async () => {
    const project = await newProject(under().store);
    const sessionId = await join(project, 'ada');
    const taskId = await addTask(project, { title: 'one' });
    await run(project, 'task.claim', { taskId, sessionId });
    const { state } = await openDriver(under().store, project.projectId);
    const resumed = sent('agent.register', { agentId: 'ada', resume: true }).command;
    expect(decide(state, resumed, contextOf())).toEqual({ events: [] });
    expect(answer(resumed, [], state)).toEqual({ agentId: 'ada', sessionId, leaseMs: 60_000 });
    expect(state.tasks.get(taskId)).toMatchObject({ status: 'claimed', sessionId });
  });

  it('keeps nothing of the state that a commit was made of', async () => {
    const project = await newProject(under().store);
    const sessionId = await join(project, 'ada');
    await addTask(project, { title: 'one', requires: [], filePaths: ['a'] });
    await run(project, 'task.next', { sessionId });
    const before = structuredClone(imageOf(project.state));
    for (const task of project.state.tasks.values())
      Object.assign(task, { title: 'changed', status: 'ready', epoch: 99 });
    for (const agent of project.state.agents.values()) agent.failed.set('task', 7);
    project.state.settings.maxAttempts = 99;
    expect(await rowsOf(under(), project.projectId)).toEqual(before);
  });
};

const suiteOfWriters = (under: () => StoreUnderTest): void => {
  it('lets one of two writers win and tells the other that it is stale', async () => {
    const one = await newProject(under().store);
    const other = await openDriver(under().store, one.projectId);
    const late = await prepare(other, [sent('task.create', { title: 'late' })]);
    await run(one, 'task.create', { title: 'first' });
    expect(await under().store.commit(late)).toEqual({ outcome: 'stale' });
    await expectRows(under(), one.state);
  });

  it('takes the same commit once', async () => {
    const project = await newProject(under().store);
    const commit = await prepare(project, [sent('task.create', { title: 'once' })]);
    expect(await under().store.commit(commit)).toMatchObject({ outcome: 'committed' });
    expect(await under().store.commit(commit)).toEqual({ outcome: 'stale' });
    await expectRows(under(), project.state);
  });

  it('creates a project once', async () => {
    const project = await newProject(under().store);
    const other = makeDriver(under().store, project.projectId);
    expect(await write(other, [sent('project.create', { name: 'again' })])).toEqual({ outcome: 'stale' });
    await expectRows(under(), project.state);
  });

  it('answers a commit with its clock', async () => {
    const { store } = under();
    const before = await store.clock();
    const project = makeDriver(store);
    const outcome = await write(project, [sent('project.create', { name: 'p' })]);
    expect(outcome).toMatchObject({ outcome: 'committed' });
    const clock = 'clock' in outcome ? outcome.clock : 0;
    expect(clock).toBeGreaterThanOrEqual(before);
    expect(clock).toBeLessThanOrEqual(await store.clock());
  });

  it('knows nothing of a project that was never created', async () => {
    const { store } = under();
    expect(await store.load(uuidv7(), 10)).toBeUndefined();
    expect(await store.readLog(uuidv7(), 0, 1_000)).toBeUndefined();
    expect(await store.query('project.get', uuidv7(), {})).toBeUndefined();
    expect(await store.findCommands(uuidv7(), [uuidv7()], 0)).toEqual([]);
  });
};

const suiteOfIsolation = (under: () => StoreUnderTest): void => {
  it('keeps two projects apart, even with the same keys and agents', async () => {
    const { store } = under();
    const [one, other] = [await newProject(store), await newProject(store)];
    for (const project of [one, other]) {
      await join(project, 'ada');
      await addTask(project, { title: `of ${project.projectId}`, key: 'k' });
      await run(project, 'state.put', { key: 'shared', value: project.projectId });
    }
    await run(one, 'task.create', { title: 'only here', key: 'own' });
    await run(one, 'state.delete', { key: 'shared' });
    await expectRows(under(), one.state);
    await expectRows(under(), other.state);
    const [taskId] = one.state.tasks.keys();
    const page = { limit: 100 };
    expect(await store.query('task.get', other.projectId, { taskId: taskId ?? '' })).toBeUndefined();
    const tasks = await store.query('task.list', other.projectId, page);
    expect(tasks?.items.map(({ title }) => title)).toEqual([`of ${other.projectId}`]);
    const state = await store.query('state.get', other.projectId, { key: 'shared' });
    expect(state?.value).toBe(other.projectId);
    const log = await store.readLog(other.projectId, 0, 1_000_000);
    expect(log?.records.every(({ projectId }) => projectId === other.projectId)).toBe(true);
  });
};

export const commitSuites = (under: () => StoreUnderTest): void => {
  describe('rows', () => suiteOfRows(under));
  describe('writers', () => suiteOfWriters(under));
  describe('projects', () => suiteOfIsolation(under));
};
