import { describe, expect, it } from 'vitest';
import { derivedOf, emptyState, imageOf, restore, StoreRejected } from '@agentmix/act-core';
import type { LogRecord } from '@agentmix/act-core';
import { uuidv7 } from 'uuidv7';
import { fingerprintOf, foldRecords } from '../records.ts';
import { addTask, newProject, prepare, run, sent } from './driver.ts';
import type { Driver, StoreUnderTest } from './driver.ts';

const ALL = 100_000_000;

/** A project with records of different sizes, and the records as they were committed. */
const projectWithLog = async ({
  store,
}: StoreUnderTest): Promise<{ project: Driver; records: LogRecord[] }> => {
  const project = await newProject(store);
  const records: LogRecord[] = [];
  for (let number = 1; number <= 6; number++) {
    const batch = Array.from({ length: number }, (_, at) =>
      sent('task.create', { title: `${number}.${at} “é😀”` }),
    );
    const commit = await prepare(project, batch);
    expect(await store.commit(commit)).toMatchObject({ outcome: 'committed' });
    records.push(commit.record);
  }
  const first = await store.readLog(project.projectId, 0, 1);
  return { project, records: [...(first?.records ?? []), ...records] };
};

const suiteOfReading = (under: () => StoreUnderTest): void => {
  it('gives back every record as it was committed, in order', async () => {
    const { project, records } = await projectWithLog(under());
    const read = await under().store.readLog(project.projectId, 0, ALL);
    expect(read).toEqual({ records, startSeq: 1, lastSeq: project.state.seq, writtenSeq: project.state.seq });
    const folded = foldRecords(emptyState(project.projectId), read?.records ?? []);
    expect(imageOf(folded)).toEqual(imageOf(project.state));
    expect(derivedOf(folded)).toEqual(derivedOf(project.state));
  });

  it('reads on from any cursor: the records that end after it', async () => {
    const { project, records } = await projectWithLog(under());
    for (let after = 0; after <= project.state.seq; after++) {
      const read = await under().store.readLog(project.projectId, after, ALL);
      expect(read?.records.map(({ lastSeq }) => lastSeq)).toEqual(
        records.map(({ lastSeq }) => lastSeq).filter((lastSeq) => lastSeq > after),
      );
    }
  });

  it('gives at most so many bytes and one record more, and always one', async () => {
    const { project, records } = await projectWithLog(under());
    const read = async (bytesMax: number): Promise<number> =>
      (await under().store.readLog(project.projectId, 0, bytesMax))?.records.length ?? 0;
    const size = (count: number): number =>
      records.slice(0, count).reduce((sum, { eventsText }) => sum + Buffer.byteLength(eventsText), 0);
    expect(await read(1)).toBe(1);
    for (let count = 1; count < records.length; count++) {
      const got = await read(size(count));
      expect(got).toBeGreaterThanOrEqual(count);
      expect(got).toBeLessThanOrEqual(count + 1);
    }
  });
};

const suiteOfTurns = (under: () => StoreUnderTest): void => {
  it('tells with a turn what the log has then', async () => {
    const { store } = under();
    const { project, records } = await projectWithLog(under());
    for (const after of [0, records.at(-2)?.lastSeq ?? 0, project.state.seq]) {
      const turn = await store.takeTurn(project.projectId, 1_000, after);
      expect(turn?.log).toEqual(await store.readLog(project.projectId, after, ALL));
      expect(turn?.log?.lastSeq).toBe(project.state.seq);
      turn?.end();
    }
    const nowhere = await store.takeTurn(uuidv7(), 1_000, 0);
    expect(nowhere).toMatchObject({ log: undefined });
    nowhere?.end();
  });

  it('commits in a turn as without one, and ends it with that, whatever came out', async () => {
    const { store } = under();
    const project = await newProject(store);
    const { projectId } = project;
    const before = project.state.seq;
    const commit = await prepare(project, [sent('task.create', { title: 'in a turn' })]);
    const { record } = commit;
    const inTurn = async (batch: typeof commit) =>
      (await store.takeTurn(projectId, 1_000, before))?.commit(batch);
    const broken = { ...commit, record: { ...record, firstSeq: record.lastSeq + 1 } };
    await expect(inTurn(broken)).rejects.toThrow(StoreRejected);
    expect(await inTurn(commit)).toMatchObject({ outcome: 'committed', clock: expect.any(Number) });
    expect(await inTurn(commit)).toEqual({ outcome: 'stale' });
    const next = await store.takeTurn(projectId, 1_000, before);
    expect(next?.log?.records).toEqual([record]);
    next?.end();
  });
};

const suiteOfTail = (under: () => StoreUnderTest): void => {
  it('loads the newest records for the commands asked for, and what was before them', async () => {
    const { project, records } = await projectWithLog(under());
    const loaded = await under().store.load(project.projectId, 7);
    const tail = loaded?.tail ?? [];
    expect(tail.length).toBeGreaterThan(0);
    expect(tail).toEqual(records.slice(-tail.length));
    expect(loaded?.idHighBefore).toBe(records.at(-tail.length - 1)?.idHigh);
    const everything = await under().store.load(project.projectId, 10_000);
    expect(everything?.tail).toEqual(records);
    expect(everything?.idHighBefore).toBe(0);
  });

  it('forgets old records but never the last, and still loads the project', async () => {
    const { store } = under();
    const { project, records } = await projectWithLog(under());
    for (let rounds = 0; rounds < 1_000 && (await store.fillHistory()); rounds++);
    expect(await store.trimLog((await store.clock()) + 60_000)).toBeGreaterThanOrEqual(records.length - 1);
    const last = records.at(-1);
    expect(await store.readLog(project.projectId, 0, ALL)).toEqual({
      records: [last],
      startSeq: last?.firstSeq,
      lastSeq: project.state.seq,
      writtenSeq: project.state.seq,
    });
    const loaded = await store.load(project.projectId, 10_000);
    expect(loaded && imageOf(restore(loaded.image))).toEqual(imageOf(project.state));
    await run(project, 'task.create', { title: 'after' });
    expect((await store.readLog(project.projectId, last?.lastSeq ?? 0, ALL))?.records).toHaveLength(1);
  });

  it('keeps records that are not old', async () => {
    const { store } = under();
    const { project, records } = await projectWithLog(under());
    for (let rounds = 0; rounds < 1_000 && (await store.fillHistory()); rounds++);
    await store.trimLog((records[0]?.at ?? 0) - 60_000);
    expect((await store.readLog(project.projectId, 0, ALL))?.records).toEqual(records);
  });
};

const suiteOfEnds = (under: () => StoreUnderTest): void => {
  it('tells where the logs of several projects end, and leaves out those that do not exist', async () => {
    const { store } = under();
    const [one, other] = [await newProject(store), await newProject(store)];
    await addTask(other, { title: 'a' });
    const ends = await store.lastSeqs([one.projectId, other.projectId, uuidv7()]);
    const wanted = [one, other].map(({ projectId, state }) => [projectId, state.seq] as const);
    expect(ends).toEqual(new Map(wanted));
    expect(await store.lastSeqs([])).toEqual(new Map());
  });
};

const suiteOfLiveState = (under: () => StoreUnderTest): void => {
  it('gives the whole live state with the place in the log that it is of', async () => {
    const { store } = under();
    const project = await newProject(store);
    const { projectId } = project;
    expect(await store.liveState(projectId)).toEqual({ projectId, seq: project.state.seq, entries: [] });
    await run(project, 'state.put', { key: 'b', value: { deep: [1, null] } });
    await run(project, 'state.put', { key: 'a', value: null });
    await run(project, 'state.put', { key: 'gone', value: 1 });
    await run(project, 'state.delete', { key: 'gone' });
    await addTask(project, { title: 'later' });
    expect(await store.liveState(projectId)).toEqual({
      projectId,
      seq: project.state.seq,
      entries: [
        ['a', null],
        ['b', { deep: [1, null] }],
      ],
    });
    expect(await store.liveState(uuidv7())).toBeUndefined();
  });
};

const suiteOfCommands = (under: () => StoreUnderTest): void => {
  it('finds committed commands with their own events, wherever they stood in their batch', async () => {
    const { store } = under();
    const project = await newProject(store);
    const batch = ['a', 'b', 'c'].map((title) => sent('task.create', { title }));
    const since = (await store.clock()) - 1;
    const commit = await prepare(project, batch);
    await store.commit(commit);
    await addTask(project, { title: 'later' });
    const ids = batch.map(({ commandId }) => commandId);
    const found = await store.findCommands(project.projectId, [...ids, uuidv7()], since);
    expect(found.map(({ commandId }) => commandId).sort()).toEqual([...ids].sort());
    for (const { commandId, fingerprint, eventsText } of found) {
      const at = ids.indexOf(commandId);
      const one = batch[at];
      expect(JSON.parse(eventsText)).toEqual([JSON.parse(commit.record.eventsText)[at]]);
      expect(one && fingerprintOf(one.command)).toBe(fingerprint);
    }
  });

  it('finds no command of another project', async () => {
    const { store } = under();
    const [one, other] = [await newProject(store), await newProject(store)];
    const command = sent('task.create', { title: 'a' });
    await store.commit(await prepare(one, [command]));
    expect(await store.findCommands(other.projectId, [command.commandId], 0)).toEqual([]);
    expect(await store.findCommands(one.projectId, [command.commandId], 0)).toHaveLength(1);
    expect(await store.findCommands(one.projectId, [], 0)).toEqual([]);
  });
};

export const logSuites = (under: () => StoreUnderTest): void => {
  describe('log', () => suiteOfReading(under));
  describe('turns', () => suiteOfTurns(under));
  describe('tail and retention', () => suiteOfTail(under));
  describe('ends of logs', () => suiteOfEnds(under));
  describe('the live state', () => suiteOfLiveState(under));
  describe('commands', () => suiteOfCommands(under));
};
