import { expect, it } from 'vitest';
import { BRIEFING_MESSAGES_MAX } from '@agentmix/act-contract';
import { addTask, ask, join, made, newProject, run } from './driver.ts';
import type { StoreUnderTest } from './driver.ts';

const suiteOfContents = (under: () => StoreUnderTest): void => {
  it('briefs an agent of its work, its mail, its colleagues and what is in conflict', async () => {
    const project = await newProject(under().store);
    const [ada, bob] = [await join(project, 'ada'), await join(project, 'bob')];
    await join(project, 'cleo');
    await join(project, 'about');
    await run(project, 'agent.disconnect', { sessionId: await join(project, 'gone') });
    const mine = await addTask(project, { title: 'mine', description: 'all of it' });
    const his = await addTask(project, { title: 'his', key: 'k', filePaths: ['src/b.ts'] });
    await addTask(project, { title: 'free' });
    await run(project, 'task.claim', { taskId: mine, sessionId: ada });
    await run(project, 'task.claim', { taskId: his, sessionId: bob });
    const checkpoint = { note: 'half', branch: 'b' };
    await run(project, 'task.progress', { taskId: mine, sessionId: ada, epoch: 1, checkpoint });
    await run(project, 'task.progress', { taskId: his, sessionId: bob, epoch: 1, percent: 40 });
    const letter = { sessionId: bob, to: 'ada' };
    const low = await made(project, 'message.send', { ...letter, content: 'a' }, 'message.sent');
    const read = await made(project, 'message.send', { ...letter, content: 'b' }, 'message.sent');
    await run(project, 'message.read', { sessionId: ada, messageIds: [read.messageId] });
    const urgent = { ...letter, content: { text: 'c' }, urgency: 'critical' as const };
    const high = await made(project, 'message.send', urgent, 'message.sent');
    await run(project, 'message.send', { sessionId: ada, to: 'bob', content: 'not mine' });
    const conflict = { conflictType: 'capability_overlap' as const, description: 'd' };
    const reported = async (involvedAgents: string[]) =>
      (await made(project, 'conflict.report', { ...conflict, involvedAgents }, 'conflict.detected'))
        .conflictId;
    const foreign = await reported(['bob', 'cleo']);
    const own = await reported(['cleo', 'ada']);
    await run(project, 'conflict.resolve', { conflictId: await reported(['ada']), resolution: null });

    const briefing = await ask(project, 'agent.briefing', { agentId: 'ada' });
    expect(briefing?.seq).toBe(project.state.seq);
    expect(briefing?.agent).toMatchObject({ id: 'ada', status: 'working', sessionId: ada });
    expect(briefing?.held).toMatchObject({
      count: 1,
      tasks: [{ id: mine, epoch: 1, checkpoint, description: 'all of it' }],
    });
    expect(briefing?.unread.count).toBe(2);
    expect(briefing?.unread.messages.map(({ id }) => id)).toEqual([high.messageId, low.messageId]);
    expect(briefing?.others).toEqual({
      count: 3,
      agents: [
        {
          agentId: 'bob',
          name: 'bob',
          tasks: [{ id: his, key: 'k', title: 'his', percent: 40, filePaths: ['src/b.ts'] }],
        },
        { agentId: 'about', name: 'about', tasks: [] },
        { agentId: 'cleo', name: 'cleo', tasks: [] },
      ],
    });
    expect(briefing?.conflicts.count).toBe(2);
    expect(briefing?.conflicts.open.map(({ id }) => id)).toEqual([own, foreign]);
    expect(briefing?.counts).toMatchObject({ claimed: 2, ready: 1 });
  });
};

const suiteOfEdges = (under: () => StoreUnderTest): void => {
  it('briefs an agent that is gone, and no agent that never was', async () => {
    const project = await newProject(under().store);
    await run(project, 'agent.disconnect', { sessionId: await join(project, 'ada') });
    const nothing = { count: 0 };
    expect(await ask(project, 'agent.briefing', { agentId: 'ada' })).toMatchObject({
      agent: { id: 'ada', status: 'offline' },
      held: nothing,
      unread: nothing,
      others: nothing,
      conflicts: nothing,
    });
    expect(await ask(project, 'agent.briefing', { agentId: 'eve' })).toBeUndefined();
  });

  it('shows few of many messages and tells how many there are', async () => {
    const project = await newProject(under().store);
    const sessionId = await join(project, 'ada');
    const count = BRIEFING_MESSAGES_MAX + 2;
    for (let at = 0; at < count; at++)
      await run(project, 'message.send', { sessionId, to: 'ada', content: at });
    const { unread } = (await ask(project, 'agent.briefing', { agentId: 'ada' })) ?? {};
    expect(unread?.count).toBe(count);
    expect(unread?.messages.map(({ content }) => content)).toEqual([0, 1, 2, 3, 4]);
  });
};

export const briefingSuite = (under: () => StoreUnderTest): void => {
  suiteOfContents(under);
  suiteOfEdges(under);
};
