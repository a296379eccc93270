import { describe, expect, it } from 'vitest';
import { keyStatement, toBase64Url } from '@agentmix/act-contract';
import type { CommandArguments } from '@agentmix/act-contract';
import type { StoredQueryName } from '@agentmix/act-core';
import { makeSigner } from '../signatures.ts';
import { briefingSuite } from './store-briefing.ts';
import { predictionSuite } from './store-predictions.ts';
import { addTask, ask, join, made, newProject, run } from './driver.ts';
import type { Driver, StoreUnderTest } from './driver.ts';

const fillHistory = async ({ store }: Driver): Promise<void> => {
  for (let rounds = 0; rounds < 1_000 && (await store.fillHistory()); rounds++);
};

const suiteOfTasks = (under: () => StoreUnderTest): void => {
  it('shows a task with everything said about it', async () => {
    const project = await newProject(under().store);
    const { phaseId } = await made(project, 'phase.create', { name: 'build', key: 'ph' }, 'phase.created');
    const sessionId = await join(project, 'ada');
    const before = await addTask(project, { title: 'before' });
    const body: CommandArguments<'task.create'> = {
      title: 'one',
      key: 'k',
      phaseId,
      description: 'do it',
      type: 'review',
      priority: 1,
      complexityScore: 7,
      estimatedTime: 45,
      requires: [],
      filePaths: ['src/a.ts'],
    };
    const taskId = await addTask(project, body);
    await run(project, 'task.claim', { taskId, sessionId });
    const grant = { taskId, sessionId, epoch: 1 };
    const checkpoint = { note: 'so far', paths: ['src/a.ts'], branch: 'b', commit: 'abcdef0' };
    await run(project, 'task.progress', { ...grant, percent: 30, note: 'on it', checkpoint });
    const task = await ask(project, 'task.get', { taskId });
    expect(task).toMatchObject({ id: taskId, ...body, status: 'claimed', epoch: 1, attempts: 0, sessionId });
    expect(task).toMatchObject({
      percent: 30,
      note: 'on it',
      checkpoint,
      assignedAgentId: 'ada',
      dependencies: [],
    });
    await run(project, 'task.complete', { ...grant, result: { lines: [1, 2], 'a key': null } });
    const done = await ask(project, 'task.get', { taskId });
    expect(done).toMatchObject({
      status: 'completed',
      percent: 100,
      actualTime: 0,
      result: { lines: [1, 2], 'a key': null },
    });
    expect(done).toMatchObject({ assignedAgentId: 'ada' });
    expect(done).not.toHaveProperty('sessionId');
    const ready = await ask(project, 'task.list', { status: 'ready' });
    expect(ready?.items.map(({ id }) => id)).toEqual([before]);
    expect((await ask(project, 'task.list', { phaseId }))?.items.map(({ id }) => id)).toEqual([taskId]);
    expect((await ask(project, 'task.list', { key: 'k' }))?.items.map(({ id }) => id)).toEqual([taskId]);
    expect((await ask(project, 'task.list', { key: 'none' }))?.items).toEqual([]);
    expect(await ask(project, 'task.get', { taskId: phaseId })).toBeUndefined();
    const phases = await ask(project, 'phase.list', {});
    expect(phases?.items).toMatchObject([{ id: phaseId, key: 'ph', status: 'completed', actualEffort: 0 }]);
  });
};

const suiteOfSnapshots = (under: () => StoreUnderTest): void => {
  it('shows a snapshot of open work at one position of the log', async () => {
    const project = await newProject(under().store);
    const sessionId = await join(project, 'ada');
    const first = await addTask(project, { title: 'first' });
    const second = await addTask(project, { title: 'second', dependencies: [first] });
    await run(project, 'task.cancel', { taskId: await addTask(project, { title: 'gone' }) });
    await run(project, 'task.next', { sessionId });
    const snapshot = await ask(project, 'project.snapshot', {});
    expect(snapshot?.seq).toBe(project.state.seq);
    expect(snapshot?.tasks.map(({ id }) => id).sort()).toEqual([first, second].sort());
    expect(snapshot?.counts).toEqual({
      pending: 1,
      ready: 0,
      claimed: 1,
      blocked: 0,
      completed: 0,
      failed: 0,
      cancelled: 1,
    });
    expect(snapshot?.agents).toMatchObject([{ id: 'ada', status: 'working', sessionId }]);
    expect(snapshot?.project).toEqual(await ask(project, 'project.get', {}));
  });
};

const suiteOfKeys = (under: () => StoreUnderTest): void => {
  it('shows the keys that an agent published last and where in the log, and finds one agent by its name', async () => {
    const project = await newProject(under().store);
    const sessionId = await join(project, 'ada');
    await join(project, 'bob');
    const publish = async (byte: number) => {
      const signer = makeSigner(byte);
      const keys = { sealingKey: toBase64Url(new Uint8Array(32).fill(byte)), signingKey: signer.signingKey };
      const proof = signer.sign(keyStatement(project.projectId, 'ada', keys));
      await run(project, 'agent.publish_keys', { sessionId, ...keys, proof });
      return { ...keys, proof, seq: project.state.seq };
    };
    await publish(1);
    const last = await publish(2);
    await run(project, 'agent.register', { agentId: 'ada' });
    expect((await ask(project, 'agent.list', { agentId: 'ada' }))?.items).toMatchObject([
      { id: 'ada', keys: last },
    ]);
    expect((await ask(project, 'agent.list', { agentId: 'bob' }))?.items[0]).not.toHaveProperty('keys');
    expect((await ask(project, 'agent.list', { agentId: 'cleo' }))?.items).toEqual([]);
    const loaded = await project.store.load(project.projectId, 10);
    expect(loaded?.image.agents.find(({ id }) => id === 'ada')?.keys).toEqual(last);
  });
};

const suiteOfAgents = (under: () => StoreUnderTest): void => {
  it('shows an agent as idle, working or offline, with what it completed and lost', async () => {
    const project = await newProject(under().store);
    const sessionId = await join(project, 'ada');
    const agent = async () => (await ask(project, 'agent.list', {}))?.items[0];
    expect(await agent()).toMatchObject({
      id: 'ada',
      name: 'ada',
      status: 'idle',
      sessionId,
      performanceMetrics: {},
    });
    for (const type of ['build', 'constructor']) {
      const taskId = await addTask(project, { title: 't', type });
      await run(project, 'task.claim', { taskId, sessionId });
      expect(await agent()).toMatchObject({ status: 'working' });
      await run(project, 'task.fail', { taskId, sessionId, epoch: 1, reason: 'no' });
      await run(project, 'task.claim', { taskId, sessionId });
      await run(project, 'task.complete', { taskId, sessionId, epoch: 2 });
    }
    const counts = { completed: 1, failed: 1 };
    expect((await agent())?.performanceMetrics).toEqual({ build: counts, constructor: counts });
    await run(project, 'agent.disconnect', { sessionId });
    const gone = await agent();
    expect(gone?.status).toBe('offline');
    expect(gone).not.toHaveProperty('sessionId');
  });
};

const suiteOfCoordination = (under: () => StoreUnderTest): void => {
  it('shows an inbox: messages to the agent and broadcasts of others, unread on request', async () => {
    const project = await newProject(under().store);
    const [ada, bob] = [await join(project, 'ada'), await join(project, 'bob')];
    const content = { text: 'hello', list: [1, null] };
    const letter = { sessionId: ada, to: 'bob', content, messageType: 'question' as const };
    const { messageId } = await made(project, 'message.send', letter, 'message.sent');
    await run(project, 'message.send', { ...letter, to: 'ada' });
    await run(project, 'update.broadcast', { sessionId: bob, content: 'of bob' });
    const broadcast = await made(
      project,
      'update.broadcast',
      { sessionId: ada, content: 'to all' },
      'update.broadcast',
    );
    const listed = async (more: object) =>
      (await ask(project, 'message.list', { agentId: 'bob', ...more }))?.items.map(({ id }) => id);
    const inbox = (unread: boolean) => listed({ unread });
    expect(await inbox(false)).toEqual([messageId, broadcast.messageId]);
    expect(await inbox(true)).toEqual([messageId]);
    expect(await listed({ toAll: true })).toEqual([broadcast.messageId]);
    expect(await listed({ newestFirst: true, limit: 1 })).toEqual([broadcast.messageId]);
    const before = { newestFirst: true, after: broadcast.messageId };
    expect(await listed(before)).toEqual([messageId]);
    const [message] = (await ask(project, 'message.list', { agentId: 'bob' }))?.items ?? [];
    expect(message).toMatchObject({
      senderAgentId: 'ada',
      recipientAgentId: 'bob',
      content,
      messageType: 'question',
    });
    expect(message).not.toHaveProperty('readAt');
    await run(project, 'message.read', { sessionId: ada, messageIds: [messageId] });
    expect(await inbox(true)).toContain(messageId);
    await run(project, 'message.read', { sessionId: bob, messageIds: [messageId] });
    expect(await inbox(true)).not.toContain(messageId);
    expect(await inbox(false)).toContain(messageId);
  });

  it('shows requests for help from asking to closing', async () => {
    const project = await newProject(under().store);
    const [ada, bob] = [await join(project, 'ada'), await join(project, 'bob')];
    const question = { sessionId: ada, question: 'how?' };
    const one = await made(project, 'assistance.request', question, 'assistance.requested');
    const other = await made(project, 'assistance.request', question, 'assistance.requested');
    await run(project, 'assistance.answer', { sessionId: bob, requestId: one.requestId, accepted: false });
    expect((await ask(project, 'assistance.list', {}))?.items.map(({ status }) => status)).toEqual([
      'open',
      'open',
    ]);
    await run(project, 'assistance.answer', { sessionId: bob, requestId: one.requestId, accepted: true });
    await run(project, 'assistance.close', { sessionId: ada, requestId: other.requestId });
    expect((await ask(project, 'assistance.list', {}))?.items).toMatchObject([
      { id: one.requestId, agentId: 'ada', offeredTo: ['bob'], status: 'accepted', acceptedBy: 'bob' },
      { id: other.requestId, status: 'closed' },
    ]);
  });
};

const suiteOfSideRows = (under: () => StoreUnderTest): void => {
  it('shows the live state, files and conflicts as they are now', async () => {
    const project = await newProject(under().store);
    const sessionId = await join(project, 'ada');
    const taskId = await addTask(project, { title: 't' });
    await run(project, 'state.put', { key: 'k', value: [1, { a: null }], sessionId });
    const { version } = await made(project, 'state.put', { key: 'k', value: 'new' }, 'state.updated');
    const entry = await ask(project, 'state.get', { key: 'k' });
    expect(entry).toMatchObject({ key: 'k', value: 'new', version });
    expect(entry).not.toHaveProperty('agentId');
    await run(project, 'state.delete', { key: 'k' });
    expect(await ask(project, 'state.get', { key: 'k' })).toBeUndefined();
    const change = { path: 'src/a.ts', kind: 'created' as const, checksum: 'ab' };
    await run(project, 'file.report', {
      sessionId,
      taskId,
      changes: [change, { path: 'b', kind: 'modified' }],
    });
    await run(project, 'file.report', { sessionId, changes: [{ path: 'src/a.ts', kind: 'deleted' }] });
    const files = await ask(project, 'file.list', {});
    expect(files?.items).toMatchObject([
      { filePath: 'b', lastChange: 'modified', agentId: 'ada', relatedTaskIds: [taskId] },
      { filePath: 'src/a.ts', lastChange: 'deleted', agentId: 'ada', relatedTaskIds: [taskId] },
    ]);
    expect(files?.items[1]).not.toHaveProperty('checksum');
    const conflict = {
      conflictType: 'resource_contention' as const,
      involvedAgents: ['ada'],
      taskIds: [taskId],
      description: 'both',
    };
    const { conflictId } = await made(project, 'conflict.report', conflict, 'conflict.detected');
    expect((await ask(project, 'conflict.list', {}))?.items).toMatchObject([
      { id: conflictId, ...conflict, status: 'open' },
    ]);
    await run(project, 'conflict.resolve', { conflictId, resolution: { keep: 'ada' } });
    expect((await ask(project, 'conflict.list', {}))?.items).toMatchObject([
      { id: conflictId, status: 'resolved', resolution: { keep: 'ada' } },
    ]);
  });
};

const suiteOfHistory = (under: () => StoreUnderTest): void => {
  it('shows the history by task, agent and type', async () => {
    const project = await newProject(under().store);
    const sessionId = await join(project, 'ada');
    const taskId = await addTask(project, { title: 't' });
    await addTask(project, { title: 'other' });
    await run(project, 'task.claim', { taskId, sessionId });
    await fillHistory(project);
    const types = async (input: object) =>
      (await ask(project, 'event.list', input))?.items.map(({ type }) => type);
    expect(await types({ taskId })).toEqual(['task.created', 'task.claimed']);
    expect(await types({ agentId: 'ada' })).toEqual(['agent.registered', 'task.claimed']);
    expect(await types({ type: 'task.created' })).toEqual(['task.created', 'task.created']);
    expect(await types({ taskId, type: 'task.claimed' })).toEqual(['task.claimed']);
    const [first] = (await ask(project, 'event.list', { limit: 1 }))?.items ?? [];
    expect(first).toMatchObject({ seq: 1, id: `${project.projectId}/1`, projectId: project.projectId });
  });
};

type Paged = Exclude<
  StoredQueryName,
  | 'project.get'
  | 'project.snapshot'
  | 'task.get'
  | 'state.get'
  | 'artifact.get'
  | 'agent.briefing'
  | 'event.list'
  | 'prediction.list'
  | 'privacy.export'
>;

/** Every key of a list, page by page. */
const visit = async (project: Driver, name: Paged, keyOf: string, more: object = {}): Promise<string[]> => {
  const seen: string[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < 1_000; pages++) {
    const page = await ask(project, name, {
      limit: 2,
      ...(after === undefined ? {} : { after }),
      ...more,
    } as never);
    const items = (page?.items ?? []) as unknown as Record<string, string>[];
    expect(items.length).toBeLessThanOrEqual(2);
    seen.push(...items.map((item) => item[keyOf] ?? ''));
    if (page?.next === undefined) break;
    expect(items).toHaveLength(2);
    after = page.next;
  }
  return seen;
};

const fillLists = async (project: Driver, count: number): Promise<void> => {
  const sessionId = await join(project, 'agent-0');
  for (let at = 1; at < count; at++) await join(project, `agent-${at}`);
  for (let at = 0; at < count; at++) {
    await addTask(project, { title: `task ${at}` });
    await run(project, 'phase.create', { name: `phase ${at}` });
    await run(project, 'message.send', { sessionId, to: 'agent-1', content: at });
    await run(project, 'assistance.request', { sessionId, question: `${at}` });
    await run(project, 'state.put', { key: `key ${at}`, value: at });
    await run(project, 'file.report', { sessionId, changes: [{ path: `file ${at}`, kind: 'created' }] });
    await run(project, 'conflict.report', {
      conflictType: 'capability_overlap',
      involvedAgents: ['agent-0'],
      description: `${at}`,
    });
  }
};

const suiteOfPaging = (under: () => StoreUnderTest): void => {
  it('visits everything once, page by page, in the same order each time', { timeout: 30_000 }, async () => {
    const project = await newProject(under().store);
    const count = 5;
    await fillLists(project, count);
    const lists: readonly (readonly [Paged, string, object?])[] = [
      ['task.list', 'id'],
      ['phase.list', 'id'],
      ['agent.list', 'id'],
      ['message.list', 'id', { agentId: 'agent-1' }],
      ['assistance.list', 'id'],
      ['state.list', 'key'],
      ['file.list', 'filePath'],
      ['conflict.list', 'id'],
    ];
    for (const [name, key, more] of lists) {
      const seen = await visit(project, name, key, more);
      expect(seen, name).toHaveLength(count);
      expect(new Set(seen).size, name).toBe(count);
      expect(await visit(project, name, key, more), name).toEqual(seen);
    }
    const ids = (await visit(project, 'project.list', 'id')).filter((id) => id === project.projectId);
    expect(ids).toEqual([project.projectId]);
  });

  it('visits the history once, page by page', async () => {
    const project = await newProject(under().store);
    for (let at = 0; at < 6; at++) await addTask(project, { title: `${at}` });
    await fillHistory(project);
    const seen: number[] = [];
    for (let after: number | undefined = 0; after !== undefined;) {
      const page: { items: { seq: number }[]; next?: number | undefined } | undefined = await ask(
        project,
        'event.list',
        {
          limit: 3,
          after,
        },
      );
      seen.push(...(page?.items ?? []).map(({ seq }) => seq));
      after = page?.next;
    }
    expect(seen).toEqual(Array.from({ length: project.state.seq }, (_, at) => at + 1));
  });
};

export const querySuites = (under: () => StoreUnderTest): void => {
  describe('tasks', () => suiteOfTasks(under));
  describe('snapshot', () => suiteOfSnapshots(under));
  describe('agents', () => suiteOfAgents(under));
  describe('keys', () => suiteOfKeys(under));
  describe('predictions', () => predictionSuite(under));
  describe('coordination', () => suiteOfCoordination(under));
  describe('state, files and conflicts', () => suiteOfSideRows(under));
  describe('history', () => suiteOfHistory(under));
  describe('briefing', () => briefingSuite(under));
  describe('paging', () => suiteOfPaging(under));
};
