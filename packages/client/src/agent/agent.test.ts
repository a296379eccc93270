import type { Refusal } from '@agentmix/act-contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeHub, TOKEN } from '../../test/fake-hub.ts';
import type { FakeProject } from '../../test/fake-project.ts';
import { ActRefused } from '../errors.ts';
import { connectHub } from '../hub.ts';
import type { Hub } from '../hub.ts';
import { createAgent } from './create-agent.ts';
import type { AgentOptions } from './create-agent.ts';

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await wait(5);
};

let fake: FakeHub;
let project: FakeProject;
let hub: Hub;
let lost: [string, Refusal['code']][];
let sessionsLost: Refusal['code'][];
beforeEach(async () => {
  fake = await new FakeHub().start();
  project = fake.project();
  hub = connectHub({ url: fake.url, token: TOKEN, retry: { delayMsMin: 5, delayMsMax: 40, totalMs: 2_000 } });
  lost = [];
  sessionsLost = [];
});
afterEach(async () => {
  await hub.close();
  await fake.stop();
});

const agent = (agentId: string, options: Partial<AgentOptions> = {}) =>
  createAgent({
    hub,
    projectId: project.id,
    agentId,
    heartbeat: false,
    onLeaseLost: (taskId, reason) => lost.push([taskId, reason.code]),
    onSessionLost: (reason) => sessionsLost.push(reason.code),
    ...options,
  });
const task = async (title = 'task'): Promise<string> => {
  const result = await hub.command('task.create', project.id, { title });
  if (!result.ok) throw new Error(result.refusal.code);
  return result.value.taskId;
};
const sessionOf = (agentId: string) => {
  const session = [...project.sessions.values()].findLast((one) => one.agentId === agentId);
  if (!session) throw new Error('no session');
  return session;
};
const inputs = (name: string) => fake.seen.filter((one) => one.name === name).map((one) => one.input);

describe('tasks', () => {
  it('are claimed, reported and completed with the epoch of the claim', async () => {
    const one = agent('one');
    expect(await one.register([{ name: 'ts' }])).toBe('one');
    const taskId = await task();
    const claim = await one.claimTask(taskId);
    expect(claim).toMatchObject({ ok: true, value: { taskId, epoch: 1 } });
    expect(one.claims.get(taskId)?.epoch).toBe(1);
    expect(await one.reportProgress(taskId, { percent: 50, note: 'half' })).toMatchObject({ ok: true });
    expect(await one.completeTask(taskId, { files: 3 })).toMatchObject({ ok: true, value: { ready: [] } });
    expect(one.claims.size).toBe(0);
    expect(inputs('task.complete')[0]).toMatchObject({ epoch: 1, result: { files: 3 } });
    expect(lost).toEqual([]);
  });

  it('are refused by name with the holder', async () => {
    const [one, two] = [agent('one'), agent('two')];
    await one.register();
    await two.register();
    const taskId = await task();
    await one.claimTask(taskId);
    expect(await two.claimTask(taskId)).toMatchObject({
      ok: false,
      refusal: { code: 'task_already_claimed', data: { holder: 'one' } },
    });
  });

  it('come by nextTask, and go back by release, failure and block', async () => {
    const one = agent('one');
    await one.register();
    expect(await one.nextTask()).toEqual({ ok: true, value: { open: 0 }, seq: 0 });
    const taskId = await task();
    const first = await one.nextTask({ waitMs: 100 });
    expect(first).toMatchObject({ ok: true, value: { claim: { taskId, epoch: 1 }, open: 1 } });
    expect(await one.releaseTask(taskId, { note: 'lunch' })).toMatchObject({ ok: true });
    await one.nextTask();
    expect(await one.failTask(taskId, { reason: 'broken' })).toMatchObject({ ok: true });
    await one.nextTask();
    expect(one.claims.get(taskId)?.epoch).toBe(3);
    expect(await one.blockTask(taskId, { reason: 'waits', waitingFor: 'two' })).toMatchObject({ ok: true });
    expect(one.claims.size).toBe(0);
  });

  it('are spoken for with an epoch given explicitly; without any the call is refused here', async () => {
    const one = agent('one');
    await one.register();
    const taskId = await task();
    expect(await one.completeTask(taskId)).toMatchObject({ ok: false, refusal: { code: 'stale_epoch' } });
    expect(inputs('task.complete')).toEqual([]);
    await one.claimTask(taskId);
    const wrong = await one.reportProgress(taskId, { percent: 1 }, { epoch: 7 });
    expect(wrong).toMatchObject({ ok: false, refusal: { code: 'stale_epoch' } });
    expect(one.claims.has(taskId)).toBe(true);
    expect(lost).toEqual([]);
    expect(await one.completeTask(taskId, undefined, { epoch: 1 })).toMatchObject({ ok: true });
    expect(one.claims.size).toBe(0);
  });
});

describe('a lost lease', () => {
  it('is told once when a call is refused as stale', async () => {
    const one = agent('one');
    await one.register();
    const taskId = await task();
    await one.claimTask(taskId);
    for (const held of project.tasks.values()) project.giveBack(held);
    expect(await one.reportProgress(taskId, {})).toMatchObject({ ok: false });
    expect(await one.reportProgress(taskId, {})).toMatchObject({ ok: false });
    expect(lost).toEqual([[taskId, 'stale_epoch']]);
    expect(one.claims.size).toBe(0);
  });

  it('is told when a heartbeat no longer lists the task', async () => {
    const one = agent('one');
    await one.register();
    const [taken, kept] = [await task(), await task()];
    await one.claimTask(taken);
    await one.claimTask(kept);
    const held = project.tasks.get(taken);
    if (held) project.giveBack(held);
    expect(await one.heartbeat()).toMatchObject({ status: 'working', held: [{ taskId: kept, epoch: 1 }] });
    await one.heartbeat();
    expect(lost).toEqual([[taken, 'stale_epoch']]);
  });

  it('is told for every task when the session is over, and a new registration begins anew', async () => {
    const one = agent('one');
    await one.register();
    const [a, b] = [await task(), await task()];
    await one.claimTask(a);
    await one.claimTask(b);
    project.endSession(sessionOf('one'));
    const sent = await one.sendMessage('two', { content: 'hi' });
    expect(sent).toMatchObject({ ok: false, refusal: { code: 'session_expired' } });
    expect(await one.heartbeat()).toMatchObject({ status: 'offline', refusal: { code: 'session_expired' } });
    expect(lost).toEqual([
      [a, 'session_expired'],
      [b, 'session_expired'],
    ]);
    expect(sessionsLost).toEqual(['session_expired']);
    await one.register();
    expect(await one.claimTask(a)).toMatchObject({ ok: true, value: { epoch: 2 } });
    expect(await one.heartbeat()).toMatchObject({ status: 'working' });
  });

  it('is not told of tasks that were given back by disconnecting', async () => {
    const one = agent('one');
    await one.register();
    await one.claimTask(await task());
    await one.disconnect();
    await one.disconnect();
    expect(sessionOf('one').live).toBe(false);
    expect([...lost, ...sessionsLost]).toEqual([]);
    expect(one.claims.size).toBe(0);
  });
});

describe('automatic heartbeats', () => {
  const beats = () => fake.seen.filter((one) => one.name === 'agent.heartbeat').map((one) => one.at);

  it('come with jitter and stop at disconnect', async () => {
    const one = agent('one', { heartbeat: true, leaseMs: 1_000 });
    await one.register();
    await wait(1_900);
    await one.disconnect();
    const gaps = beats()
      .slice(1)
      .map((at, index) => at - (beats()[index] ?? 0));
    expect(beats().length).toBeGreaterThanOrEqual(4);
    for (const gap of gaps) expect(gap).toBeGreaterThan(260);
    expect(new Set(gaps.map(Math.round)).size).toBeGreaterThan(1);
    const count = beats().length;
    await wait(500);
    expect(beats()).toHaveLength(count);
  });

  it('notice a lost session by themselves, and a restarted hub does not stop them', async () => {
    const one = agent('one', { heartbeat: true, leaseMs: 1_000 });
    await one.register();
    const taskId = await task();
    await one.claimTask(taskId);
    await fake.stop();
    await wait(1_200);
    expect(lost).toEqual([]);
    await fake.start();
    const before = beats().length;
    await until(() => beats().length >= before + 2);
    project.endSession(sessionOf('one'));
    await until(() => lost.length > 0);
    expect(lost).toEqual([[taskId, 'session_expired']]);
  });

  it('go on although one call hangs', async () => {
    const one = agent('one', { heartbeat: true, leaseMs: 1_000 });
    await one.register();
    let hung = 0;
    fake.intercept = (seen) => seen.name === 'agent.heartbeat' && hung++ === 0;
    await until(() => hung > 0);
    await until(() => beats().length >= 2);
    await one.disconnect();
  });
});

describe('files, help, messages and state', () => {
  it('streams what other agents do to the files watched', async () => {
    const [one, two] = [agent('one'), agent('two')];
    await one.register();
    await two.register();
    const abort = new AbortController();
    const files = await one.watchFiles(['src/**/*.ts'], { signal: abort.signal });
    await two.reportFileChange([
      { path: 'src/a/b.ts', kind: 'modified' },
      { path: 'docs/a.md', kind: 'created' },
    ]);
    await one.reportFileChange({ path: 'src/own.ts', kind: 'created' });
    await two.reportFileChange({ path: 'src/c.ts', kind: 'deleted' });
    const seen: string[] = [];
    for await (const event of files) {
      seen.push(`${event.agentId} ${event.type} ${event.data.path}`);
      if (seen.length === 2) abort.abort();
    }
    expect(seen).toEqual(['two file.modified src/a/b.ts', 'two file.deleted src/c.ts']);
    expect(inputs('file.watch')[0]).toMatchObject({ patterns: ['src/**/*.ts'] });
  });

  it('registers the patterns of all watches, also for the next session', async () => {
    const one = agent('one');
    await one.register();
    await one.watchFiles(['a/**']);
    await one.watchFiles(['b/**', 'a/**']);
    await one.register();
    expect(inputs('file.watch').map((input) => input['patterns'])).toEqual([
      ['a/**'],
      ['a/**', 'b/**'],
      ['a/**', 'b/**'],
    ]);
  });

  it('throws the refusal of patterns and of a registration', async () => {
    const one = agent('one');
    await one.register();
    await expect(one.watchFiles([''])).rejects.toThrow(ActRefused);
    await expect(agent('not a name').register()).rejects.toMatchObject({
      refusal: { code: 'invalid_input' },
    });
  });

  it('reports many files in pieces', async () => {
    const one = agent('one');
    await one.register();
    const changes = Array.from({ length: 1_200 }, (_, n) => ({ path: `f${n}`, kind: 'created' }) as const);
    expect(await one.reportFileChange(changes)).toMatchObject({ ok: true, value: { reported: 1_200 } });
    expect(inputs('file.report')).toHaveLength(3);
  });

  it('asks for help and gets the answers until one accepts', async () => {
    const [one, two, three] = [agent('one'), agent('two'), agent('three')];
    for (const each of [one, two, three]) await each.register();
    expect(await one.requestAssistance({ question: 'who?' })).toEqual(['two', 'three']);
    const asked = await one.openAssistance({ question: 'who knows SQL?', requires: [{ name: 'sql' }] });
    if (!asked.ok) throw new Error(asked.refusal.code);
    await three.answerAssistance(asked.value.requestId, false);
    await two.answerAssistance(asked.value.requestId, true);
    const answers = [];
    for await (const answer of asked.value.answers) answers.push(answer);
    expect(answers).toEqual([
      { agentId: 'three', accepted: false },
      { agentId: 'two', accepted: true },
    ]);
  });

  it('sends messages and reads the inbox and the shared state', async () => {
    const [one, two] = [agent('one'), agent('two')];
    await one.register();
    await two.register();
    const sent = await one.sendMessage('two', { content: { text: 'hi' }, messageType: 'question' });
    await one.broadcastUpdate({ content: 'to all' });
    const inbox = await two.inbox({ unread: true });
    expect(inbox).toMatchObject({
      ok: true,
      value: { items: [{ content: { text: 'hi' } }, { content: 'to all' }] },
    });
    if (sent.ok) expect(await two.markRead([sent.value.messageId])).toMatchObject({ ok: true });
    expect(await one.putState('k', { a: 1 }, { expectedVersion: 0 })).toMatchObject({ ok: true });
    expect(await two.putState('k', 2, { expectedVersion: 0 })).toMatchObject({
      ok: false,
      refusal: { code: 'version_mismatch' },
    });
    expect(await two.getState('k')).toMatchObject({ ok: true, value: { value: { a: 1 }, version: 1 } });
  });

  it('speaks for no session before it is registered', async () => {
    await expect(agent('one').claimTask('x')).rejects.toThrow('register the agent first');
  });
});
