import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ServerResponse } from 'node:http';
import { FakeHub, TOKEN } from '../test/fake-hub.ts';
import { startCuttingProxy } from '../test/cutting-proxy.ts';
import { ActUnavailable } from './errors.ts';
import { connectHub } from './hub.ts';
import type { Hub } from './hub.ts';

const stampOf = (id: string): number => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);
const retry = { delayMsMin: 5, delayMsMax: 40, totalMs: 3_000, attemptMs: 500 };

describe.each(['rest', 'socket.io'] as const)('a call over %s', (transport) => {
  let fake: FakeHub;
  let hub: Hub;
  let projectId: string;
  const milestones = () => fake.seen.filter((one) => one.name === 'project.milestone');

  beforeEach(async () => {
    fake = await new FakeHub().start();
    projectId = fake.project().id;
    hub = connectHub({ url: fake.url, token: TOKEN, retry, transport });
  });
  afterEach(async () => {
    await hub.close();
    await fake.stop();
  });

  it('gives the output and the log position', async () => {
    const result = await hub.command('task.create', projectId, { title: 'one' });
    expect(result).toEqual({ ok: true, value: { taskId: expect.any(String) }, seq: 1 });
  });

  it('gives a refusal as a value with its data', async () => {
    await hub.command('state.put', projectId, { key: 'a/b c', value: 1 });
    const result = await hub.command('state.put', projectId, { key: 'a/b c', value: 2, expectedVersion: 0 });
    expect(result).toMatchObject({ ok: false, refusal: { code: 'version_mismatch', data: { version: 1 } } });
    expect(await hub.query('state.get', projectId, { key: 'a/b c' })).toMatchObject({
      ok: true,
      value: { value: 1 },
    });
  });

  it('repeats a command whose answer was lost with the same id, and it is carried out once', async () => {
    let lost = 0;
    fake.loseReply = () => lost++ < 2;
    const result = await hub.command('project.milestone', projectId, { name: 'beta' });
    expect(result).toEqual({ ok: true, value: {}, seq: 1 });
    expect(milestones()).toHaveLength(3);
    expect(new Set(milestones().map((one) => one.commandId)).size).toBe(1);
    expect(fake.executed).toBe(1);
  });

  it('waits for a hub that restarts', async () => {
    await hub.command('project.milestone', projectId, { name: 'before' });
    await fake.stop();
    setTimeout(() => void fake.start(), 300);
    const result = await hub.command('project.milestone', projectId, { name: 'after' });
    expect(result).toEqual({ ok: true, value: {}, seq: 2 });
  });

  it('stamps ids with the hub’s clock', async () => {
    fake.clockAheadMs = -3_600_000;
    const result = await hub.command('project.milestone', projectId, { name: 'late' });
    expect(result.ok).toBe(true);
    expect(Math.abs(stampOf(milestones()[0]?.commandId ?? '') - fake.time())).toBeLessThan(60_000);
    expect(Math.abs(hub.time() - fake.time())).toBeLessThan(60_000);
  });

  it('learns the clock anew from a refusal and makes a new id', async () => {
    await hub.command('project.milestone', projectId, { name: 'one' });
    fake.clockAheadMs = -3_600_000;
    expect(await hub.command('project.milestone', projectId, { name: 'two' })).toMatchObject({ ok: true });
    expect(Math.abs(hub.time() - fake.time())).toBeLessThan(60_000);
    expect(fake.executed).toBe(2);
  });

  it('does not replace a caller’s own id', async () => {
    const commandId = '7fffffff-ffff-7fff-8fff-ffffffffffff';
    const result = await hub.command('project.milestone', projectId, { name: 'x' }, { commandId });
    expect(result).toMatchObject({ ok: false, refusal: { code: 'idempotency_key_ahead' } });
    expect(milestones().map((one) => one.commandId)).toEqual([commandId]);
  });

  it('stops when the signal aborts, with its reason', async () => {
    await fake.stop();
    const abort = new AbortController();
    const call = hub.command('project.milestone', projectId, { name: 'x' }, { signal: abort.signal });
    setTimeout(() => abort.abort(new Error('enough')), 100);
    await expect(call).rejects.toThrow('enough');
    await expect(
      hub.command('project.milestone', projectId, { name: 'x' }, { signal: abort.signal }),
    ).rejects.toThrow('enough');
  });

  it('says what was tried when the time is over', async () => {
    await hub.command('project.milestone', projectId, { name: 'one' });
    await fake.stop();
    const call = hub.command('project.milestone', projectId, { name: 'x' }, { timeoutMs: 200 });
    const error: unknown = await call.catch((one: unknown) => one);
    expect(error).toBeInstanceOf(ActUnavailable);
    expect(error).toMatchObject({ commandId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(String(error)).toMatch(/project\.milestone .*no result after \d+ attempts in 0\.\d s; last: /);
  });

  it('refuses a call after close', async () => {
    await hub.close();
    await expect(hub.command('project.milestone', projectId, { name: 'x' })).rejects.toThrow('closed');
  });
});

describe('a call over REST', () => {
  let fake: FakeHub;
  let hub: Hub;
  let projectId: string;
  const milestones = () => fake.seen.filter((one) => one.name === 'project.milestone');
  const milestone = () => hub.command('project.milestone', projectId, { name: 'x' });
  /** Answers the first calls in its own way. */
  const first = (count: number, answer: (response: ServerResponse) => void) => {
    let answered = 0;
    fake.intercept = (seen, response) => {
      if (seen.name !== 'project.milestone' || answered >= count) return false;
      answered++;
      answer(response);
      return true;
    };
  };

  beforeEach(async () => {
    fake = await new FakeHub().start();
    projectId = fake.project().id;
    hub = connectHub({ url: `${fake.url}/`, token: TOKEN, retry });
  });
  afterEach(async () => {
    await hub.close();
    await fake.stop();
  });

  it('waits at least as long as Retry-After says', async () => {
    first(2, (response) => fake.refuse(response, 'overloaded', undefined, '0.25'));
    expect(await milestone()).toMatchObject({ ok: true });
    const [a, b, c] = milestones().map((one) => one.at);
    expect((b ?? 0) - (a ?? 0)).toBeGreaterThanOrEqual(248);
    expect((c ?? 0) - (b ?? 0)).toBeGreaterThanOrEqual(248);
  });

  it('gives up at once when Retry-After is beyond the time allowed', async () => {
    first(9, (response) => fake.refuse(response, 'overloaded', undefined, '60'));
    await expect(milestone()).rejects.toMatchObject({ attempts: 1, refusal: { code: 'overloaded' } });
  });

  it('repeats after 429, and after a proxy’s 502 without a problem document', async () => {
    first(1, (response) => response.writeHead(429).end('slow down'));
    expect(await milestone()).toMatchObject({ ok: true });
    first(1, (response) => response.writeHead(502).end('<html>'));
    expect(await milestone()).toMatchObject({ ok: true });
  });

  it('gives a defect of the hub as a refusal after three attempts', async () => {
    first(99, (response) => fake.refuse(response, 'internal'));
    expect(await milestone()).toEqual({ ok: false, refusal: { code: 'internal' } });
    expect(milestones()).toHaveLength(3);
  });

  it('repeats an attempt that hangs', async () => {
    first(1, () => undefined);
    expect(await milestone()).toMatchObject({ ok: true });
    expect(new Set(milestones().map((one) => one.commandId)).size).toBe(1);
  });

  it('repeats when the answer is cut in its middle', async () => {
    await milestone();
    const proxy = await startCuttingProxy(fake.url, [0, 30, 150, 230]);
    const cut = connectHub({ url: proxy.url, token: TOKEN, retry });
    expect(await cut.command('project.milestone', projectId, { name: 'cut' })).toMatchObject({ ok: true });
    expect(fake.executed).toBe(2);
    await cut.close();
    await proxy.stop();
  });

  it('makes no new id for a refused stamp while an earlier attempt is unanswered', async () => {
    await milestone();
    let calls = 0;
    fake.intercept = (seen, response) => {
      if (seen.name !== 'project.milestone') return false;
      if (calls++ === 0) response.destroy();
      else fake.refuse(response, 'idempotency_key_expired', { time: fake.time() });
      return true;
    };
    expect(await milestone()).toMatchObject({ ok: false, refusal: { code: 'idempotency_key_expired' } });
    const ids = milestones().map((one) => one.commandId);
    expect(ids).toHaveLength(3);
    expect(ids[2]).toBe(ids[1]);
  });

  it('does not take another server’s page for an answer', async () => {
    first(1, (response) => response.writeHead(404).end('<html>'));
    await expect(milestone()).rejects.toThrow('404 without a problem document');
    first(1, (response) => response.writeHead(302, { location: 'http://example.invalid/' }).end());
    await expect(milestone()).rejects.toThrow('302 without a problem document');
  });

  it('gives a call that asks the hub to wait that much longer', async () => {
    const slow = connectHub({
      url: fake.url,
      token: TOKEN,
      retry: { ...retry, attemptMs: 100, totalMs: 200 },
    });
    fake.intercept = (seen, response) => {
      if (seen.name !== 'task.next') return false;
      setTimeout(() => response.end(JSON.stringify({ open: 0 })), 400);
      return true;
    };
    const sessionId = '00000000-0000-7000-8000-000000000000';
    expect(await slow.command('task.next', projectId, { sessionId, waitMs: 400 })).toMatchObject({
      ok: true,
    });
    expect(fake.seen.filter((one) => one.name === 'task.next')).toHaveLength(1);
    await slow.close();
  });

  it('asks for the clock once for many first calls', async () => {
    await Promise.all(Array.from({ length: 20 }, milestone));
    expect(fake.seen.filter((one) => one.path === '/v1')).toHaveLength(1);
    expect(new Set(milestones().map((one) => one.commandId)).size).toBe(20);
  });

  it('shares one signal among many calls without a warning', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => void warnings.push(warning);
    process.on('warning', note);
    const { signal } = new AbortController();
    const calls = Array.from({ length: 30 }, () =>
      hub.command('project.milestone', projectId, { name: 'x' }, { signal }),
    );
    await Promise.all(calls);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });

  it('reuses its connections', async () => {
    const proxy = await startCuttingProxy(fake.url, []);
    const through = connectHub({ url: proxy.url, token: TOKEN, retry });
    for (let index = 0; index < 20; index++)
      await through.command('project.milestone', projectId, { name: String(index) });
    expect(proxy.connections()).toBeLessThanOrEqual(2);
    await through.close();
    await proxy.stop();
  });

  it('refuses the hub’s own commands and missing path fields as mistakes', async () => {
    await expect(hub.command('session.expire', projectId, { sessionId: 'x' })).rejects.toThrow(TypeError);
    await expect(hub.query('task.list', undefined, {})).rejects.toThrow('projectId is missing');
  });
});
