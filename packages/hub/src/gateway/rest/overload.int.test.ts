import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uuidv7 } from 'uuidv7';
import { asked, done, expectProblem } from '../../../test/door.ts';
import type { Door } from '../../../test/door.ts';
import { FailingStore, makeGate } from '../../../test/failing-store.ts';
import { httpRequest } from '../../../test/http-request.ts';
import { newTask } from '../../../test/make-service.ts';
import { answerOf, bearer, openRest } from '../../../test/rest-door.ts';
import { openSocket } from '../../../test/socket-door.ts';
import { memoryStores, TestHub } from '../../../test/start-test-hub.ts';
import { makeProject } from '../../../test/world.ts';

describe('a hub whose database hangs', () => {
  const failing = new FailingStore();
  let hub: TestHub;
  let rest: Door;
  let projectId: string;
  beforeAll(async () => {
    hub = await TestHub.start({ stores: memoryStores(failing.store) });
    rest = openRest(hub);
    projectId = await makeProject(rest);
  });
  afterAll(() => hub.stop());

  it('refuses what it cannot queue by 503 and Retry-After, and recovers', async () => {
    const gate = makeGate();
    failing.faults.push(...Array.from({ length: 4 }, () => gate.fault));
    const { service } = hub.hub;
    const waiting: Promise<{ ok: boolean }>[] = [];
    while (service.lanes.depth < 4_096) {
      for (let count = 0; count < 200; count++)
        waiting.push(service.command('task.create', projectId, newTask('filler'), uuidv7()));
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(service.lanes.waitedMs(4_096)).toBeGreaterThan(0);
    expect(service.lanes.waitedMs(4_097)).toBe(0);
    const headers = { ...bearer(hub), 'content-type': 'application/json' };
    const url = `${hub.url}/v1/projects/${projectId}/tasks`;
    const refused = await httpRequest(url, { method: 'POST', headers, body: '{"title":"too many"}' });
    expectProblem(answerOf(refused), 'overloaded');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    const socket = await openSocket(hub);
    expectProblem(await socket.command('task.create', projectId, { title: 'too many' }), 'overloaded');
    // Reading, health and other projects go on.
    expect(await asked(rest, 'project.get', projectId)).toMatchObject({ id: projectId });
    expect((await httpRequest(`${hub.url}/healthz`)).status).toBe(200);
    await makeProject(rest, 'another');
    gate.open();
    const outcomes = await Promise.all(waiting);
    expect(outcomes.filter(({ ok }) => ok).length).toBeGreaterThanOrEqual(4_096);
    // Four thousand commands at once keep the hub from all else for a moment.
    await expect.poll(() => service.overload.level).toBe(0);
    await done(rest, 'task.create', projectId, { title: 'after' });
    socket.close();
  });

  it('answers a caller that went away nothing, and keeps what he asked for once', async () => {
    const gate = makeGate();
    failing.faults.push(gate.fault);
    const socket = await openSocket(hub);
    const { seq } = await asked(rest, 'project.get', projectId);
    socket.socket.emit('command', { name: 'task.create', projectId, input: { title: 'left alone' } });
    await expect.poll(() => failing.faults.length).toBe(0);
    socket.close();
    gate.open();
    await expect.poll(() => asked(rest, 'project.get', projectId)).toMatchObject({ seq: Number(seq) + 1 });
  });
});
