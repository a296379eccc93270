import { describe, expect, it } from 'vitest';
import { imageOf, makeTalk, restore } from '@agentmix/act-core';
import type { Caller } from '@agentmix/act-core';
import { uuidv7 } from 'uuidv7';
import { decideBatch } from '../records.ts';
import { isSignedBy } from '../signatures.ts';
import { addTask, ask, join, letPass, made, newProject, run, sent, write } from './driver.ts';
import type { Driver, StoreUnderTest } from './driver.ts';

/** A command as a member gives it. */
const runAs = async (
  driver: Driver,
  memberId: string,
  ...batch: Parameters<typeof sent>[]
): Promise<void> => {
  const caller: Caller = { memberId, role: 'agent', isOwner: false };
  const now = Math.floor(await driver.store.clock());
  const context = { now, newId: uuidv7, seeking: new Set<string>(), talk: makeTalk(), isSignedBy };
  const options = { ...context, idHigh: driver.idHigh, caller };
  const commands = batch.map(([name, input]) => sent(name, input));
  const { outcomes, commit } = decideBatch(driver.state, commands, options);
  expect(outcomes[0]).not.toHaveProperty('refusal');
  if (!commit) throw new Error('nothing to commit');
  driver.idHigh = commit.record.idHigh;
  expect(await driver.store.commit(commit)).toMatchObject({ outcome: 'committed' });
};

/** A person that speaks as ada, with a name, a key, and messages to and from it. */
const withPerson = async ({ store }: StoreUnderTest) => {
  const project = await newProject(store);
  const memberId = uuidv7();
  const member = { memberId, kind: 'human', role: 'agent', agentId: 'ada' } as const;
  await run(project, 'member.put', { ...member, name: 'Ada Lovelace' });
  await run(project, 'key.create', { memberId, label: 'laptop', secretHash: 'ab'.repeat(32) });
  const [ada, bob] = [await join(project, 'ada'), await join(project, 'bob')];
  await run(project, 'message.send', { sessionId: ada, to: 'bob', content: 'from ada' });
  await run(project, 'message.send', { sessionId: bob, to: 'ada', content: 'to ada' });
  await run(project, 'update.broadcast', { sessionId: bob, content: 'to all' });
  return { project, memberId, ada, bob };
};

const contents = async (project: Driver, agentId: string): Promise<unknown[]> =>
  ((await ask(project, 'message.list', { agentId }))?.items ?? []).map(({ content }) => content);

const suiteOfErasure = (under: () => StoreUnderTest): void => {
  it('keeps the last name of a member that one batch names twice', async () => {
    const project = await newProject(under().store);
    const memberId = uuidv7();
    const named = (name: string) => sent('member.put', { memberId, kind: 'human', role: 'viewer', name });
    expect(await write(project, [named('Ada'), named('Ada Lovelace')])).toMatchObject({
      outcome: 'committed',
    });
    expect((await ask(project, 'privacy.export', { memberId }))?.member).toMatchObject({
      name: 'Ada Lovelace',
    });
  });

  it('tells what is kept of a member', async () => {
    const { project, memberId } = await withPerson(under());
    const told = await ask(project, 'privacy.export', { memberId });
    expect(told?.member).toMatchObject({ id: memberId, name: 'Ada Lovelace', agentId: 'ada' });
    expect(told?.member).not.toHaveProperty('removedAt');
    expect(told?.keys).toMatchObject([{ memberId, label: 'laptop' }]);
    expect(JSON.stringify(told)).not.toContain('abab');
    expect(told?.messages.map(({ content }) => content)).toEqual(['from ada', 'to ada']);
    const first = await ask(project, 'privacy.export', { memberId, limit: 1 });
    expect(first?.messages).toHaveLength(1);
    const second = await ask(project, 'privacy.export', { memberId, limit: 1, after: first?.next });
    expect(second?.messages).toMatchObject([{ content: 'to ada' }]);
    expect(second).not.toHaveProperty('next');
    expect(await ask(project, 'privacy.export', { memberId: uuidv7() })).toBeUndefined();
  });

  it('erases the name and the messages of a member, and nothing of others', async () => {
    const { project, memberId } = await withPerson(under());
    await run(project, 'privacy.erase', { memberId });
    const told = await ask(project, 'privacy.export', { memberId });
    expect(told?.member).not.toHaveProperty('name');
    expect(told?.member).toHaveProperty('removedAt');
    expect(told).toHaveProperty('erasedAt');
    expect(told?.messages.map(({ content }) => content)).toEqual([null, null]);
    expect(told?.messages[0]).toHaveProperty('erasedAt');
    expect(await contents(project, 'bob')).toEqual([null]);
    expect(await contents(project, 'ada')).toEqual([null, 'to all']);
    const loaded = await project.store.load(project.projectId, 1);
    expect(loaded && imageOf(restore(loaded.image))).toEqual(imageOf(project.state));
  });

  it('erases a member that was removed before, and messages of its agent’s next member stay', async () => {
    const { project, memberId, ada } = await withPerson(under());
    await run(project, 'member.remove', { memberId });
    await letPass(under(), 5);
    await run(project, 'message.send', { sessionId: ada, to: 'bob', content: 'of the next one' });
    await run(project, 'privacy.erase', { memberId });
    expect(await contents(project, 'bob')).toEqual([null, 'of the next one']);
    await run(project, 'privacy.erase', { memberId: uuidv7() });
  });

  it('finds what a member sent through an agent that is not its own', async () => {
    const { project, bob } = await withPerson(under());
    const memberId = uuidv7();
    await run(project, 'member.put', { memberId, kind: 'human', role: 'agent' });
    const letter = { sessionId: bob, to: 'ada', content: 'of the other' };
    await runAs(project, memberId, ['message.send', letter]);
    await run(project, 'privacy.erase', { memberId });
    expect(await contents(project, 'ada')).toEqual(['to ada', 'to all', null]);
  });
};

const suiteOfRetention = (under: () => StoreUnderTest): void => {
  it('erases messages that were read long enough ago, and no others', async () => {
    const { store } = under();
    const { project, ada } = await withPerson(under());
    const read = (await ask(project, 'message.list', { agentId: 'ada' }))?.items[0]?.id ?? '';
    await run(project, 'message.read', { sessionId: ada, messageIds: [read] });
    const before = (await store.clock()) - 60_000;
    await store.eraseReadMessages(before);
    expect(await contents(project, 'ada')).toEqual(['to ada', 'to all']);
    await letPass(under(), 5);
    expect(await store.eraseReadMessages(await store.clock())).toBeGreaterThanOrEqual(1);
    expect(await contents(project, 'ada')).toEqual([null, 'to all']);
    expect(await store.eraseReadMessages(await store.clock())).toBe(0);
  });

  it('forgets old history and keeps the log', async () => {
    const { store } = under();
    const project = await newProject(store);
    await addTask(project, { title: 'old' });
    for (let rounds = 0; rounds < 1_000 && (await store.fillHistory()); rounds++);
    const log = await store.readLog(project.projectId, 0, 1_000_000);
    await letPass(under(), 5);
    const before = await store.clock();
    await letPass(under(), 5);
    const { taskId } = await made(project, 'task.create', { title: 'new' }, 'task.created');
    for (let rounds = 0; rounds < 1_000 && (await store.fillHistory()); rounds++);
    expect(await store.trimHistory(before)).toBeGreaterThan(0);
    const left = (await ask(project, 'event.list', {}))?.items ?? [];
    expect(left.map(({ data }) => data['taskId'])).toEqual([taskId]);
    expect((await store.readLog(project.projectId, 0, 1_000_000))?.records.slice(0, -1)).toEqual(
      log?.records,
    );
  });

  it('tells where the log of a project ends', async () => {
    const project = await newProject(under().store);
    await addTask(project, { title: 'one' });
    const { seq, hash } = project.state;
    expect(await project.store.logHead(project.projectId)).toEqual({ startSeq: 1, lastSeq: seq, hash });
    expect(await project.store.logHead(uuidv7())).toBeUndefined();
  });
};

export const privacySuites = (under: () => StoreUnderTest): void => {
  describe('erasure', () => suiteOfErasure(under));
  describe('retention', () => suiteOfRetention(under));
};
