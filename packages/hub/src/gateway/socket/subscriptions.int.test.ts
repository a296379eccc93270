import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isRecord } from '../../../test/contract.ts';
import { done } from '../../../test/door.ts';
import type { Door } from '../../../test/door.ts';
import { run } from '../../../test/event-reader.ts';
import { openRest } from '../../../test/rest-door.ts';
import { openSocket } from '../../../test/socket-door.ts';
import type { SocketDoor } from '../../../test/socket-door.ts';
import { TestHub } from '../../../test/start-test-hub.ts';
import { makeProject } from '../../../test/world.ts';

const SUBSCRIPTIONS_MAX = 64;

describe('subscriptions over Socket.IO', () => {
  let hub: TestHub;
  let rest: Door;
  let projectIds: string[];
  beforeAll(async () => {
    hub = await TestHub.start();
    rest = openRest(hub);
    projectIds = await Promise.all(Array.from({ length: 100 }, (_, index) => makeProject(rest, `p${index}`)));
  });
  const opened: SocketDoor[] = [];
  const connect = async (): Promise<SocketDoor> => {
    const door = await openSocket(hub);
    opened.push(door);
    return door;
  };
  afterEach(async () => {
    for (const door of opened.splice(0)) door.close();
    // Subscriptions end with their connection, whatever became of them.
    await expect.poll(subscribers).toBe(0);
  });
  afterAll(() => hub.stop());

  const project = (at: number): string => projectIds[at] ?? '';
  const subscribers = (): number => hub.hub.service.fanOut.subscribers;
  const framesOf = ({ socket }: SocketDoor): { projectId: string; seqs: number[] }[] => {
    const frames: { projectId: string; seqs: number[] }[] = [];
    socket.on('frame', (text: string) => {
      const frame = JSON.parse(text) as { projectId: string; events: { seq: number }[] };
      frames.push({ projectId: frame.projectId, seqs: frame.events.map(({ seq }) => seq) });
    });
    return frames;
  };
  const codeOf = (answer: unknown): unknown =>
    isRecord(answer) && isRecord(answer['problem']) ? answer['problem']['code'] : 'ok';

  it('gives 64 of 100 subscriptions asked for one after another', async () => {
    const door = await connect();
    const codes: unknown[] = [];
    for (const projectId of projectIds) codes.push(codeOf(await door.ask('subscribe', { projectId })));
    expect(codes.filter((code) => code === 'ok')).toHaveLength(SUBSCRIPTIONS_MAX);
    expect(codes.slice(SUBSCRIPTIONS_MAX).every((code) => code === 'limit_reached')).toBe(true);
    expect(subscribers()).toBe(SUBSCRIPTIONS_MAX);
    await door.ask('unsubscribe', { projectId: project(0) });
    expect(codeOf(await door.ask('subscribe', { projectId: project(99) }))).toBe('ok');
  });

  it('gives 64 of 100 subscriptions asked for at once', async () => {
    const door = await connect();
    const answers = await Promise.all(projectIds.map((projectId) => door.ask('subscribe', { projectId })));
    const codes = answers.map(codeOf);
    expect(codes.filter((code) => code === 'limit_reached')).toHaveLength(100 - SUBSCRIPTIONS_MAX);
    expect(subscribers()).toBe(SUBSCRIPTIONS_MAX);
  });

  it('keeps one subscription for a project asked for many times at once', async () => {
    const door = await connect();
    const frames = framesOf(door);
    const asked = Array.from({ length: 20 }, () => door.ask('subscribe', { projectId: project(1) }));
    expect((await Promise.all(asked)).map(codeOf)).toEqual(Array(20).fill('ok'));
    expect(subscribers()).toBe(1);
    await done(rest, 'project.milestone', project(1), { name: 'once' });
    await expect.poll(() => frames.length).toBe(1);
  });

  it('ends a subscription named in capitals', async () => {
    const door = await connect();
    await door.ask('subscribe', { projectId: project(2).toUpperCase() });
    expect(subscribers()).toBe(1);
    await door.ask('unsubscribe', { projectId: project(2).toUpperCase() });
    expect(subscribers()).toBe(0);
  });

  it('ends a subscription that is given up before it is answered', async () => {
    const door = await connect();
    await Promise.all([
      door.ask('subscribe', { projectId: project(3) }),
      door.ask('unsubscribe', { projectId: project(3) }),
    ]);
    expect(subscribers()).toBe(0);
  });

  it('leaves a subscription as it was when another cursor for it is refused', async () => {
    const door = await connect();
    const frames = framesOf(door);
    await door.ask('subscribe', { projectId: project(4) });
    const refused = await door.ask('subscribe', { projectId: project(4), after: 1_000 });
    expect(codeOf(refused)).toBe('cursor_in_future');
    await done(rest, 'project.milestone', project(4), { name: 'still' });
    await expect.poll(() => frames.length).toBe(1);
  });

  it('sends frames of no project but those subscribed to', async () => {
    const door = await connect();
    const frames = framesOf(door);
    await door.ask('subscribe', { projectId: project(5) });
    await done(rest, 'project.milestone', project(6), { name: 'not mine' });
    await done(rest, 'project.milestone', project(5), { name: 'mine' });
    await expect.poll(() => frames.length).toBe(1);
    await sleep(100);
    expect(frames.map(({ projectId }) => projectId)).toEqual([project(5)]);
  });

  it('goes from the log to live without a gap, a repetition or disorder', async () => {
    const door = await connect();
    const frames = framesOf(door);
    const writing = Array.from({ length: 300 }, async (_, index) => {
      await sleep(index * 5);
      await done(rest, 'project.milestone', project(7), { name: `m${index}` });
    });
    await sleep(700);
    await door.ask('subscribe', { projectId: project(7), after: 0 });
    await Promise.all(writing);
    await expect.poll(() => frames.at(-1)?.seqs.at(-1), { timeout: 10_000 }).toBe(301);
    expect(frames.flatMap(({ seqs }) => seqs)).toEqual(run(1, 301));
  });

  it('sends a direct message’s words to no subscriber', async () => {
    const door = await connect();
    const texts: string[] = [];
    door.socket.on('frame', (text: string) => texts.push(text));
    const register = async (agentId: string): Promise<unknown> =>
      (await done(rest, 'agent.register', project(8), { agentId }))['sessionId'];
    const sessionId = await register('ada');
    await register('bob');
    await door.ask('subscribe', { projectId: project(8) });
    const secret = 'for bob alone';
    await done(rest, 'message.send', project(8), { sessionId, to: 'bob', content: { secret } });
    await expect.poll(() => texts.length).toBe(1);
    expect(texts.join()).not.toContain(secret);
  });
});
