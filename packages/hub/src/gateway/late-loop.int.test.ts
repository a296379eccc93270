import { setTimeout as sleep } from 'node:timers/promises';
import { makeMemoryStore } from '@agentmix/act-memory';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asked, done, expectProblem } from '../../test/door.ts';
import type { Door } from '../../test/door.ts';
import { openGraphql } from '../../test/graphql-door.ts';
import { httpRequest } from '../../test/http-request.ts';
import { connectMcp } from '../../test/mcp-client.ts';
import type { McpClient } from '../../test/mcp-client.ts';
import { bearer, openRest } from '../../test/rest-door.ts';
import { openSocket } from '../../test/socket-door.ts';
import { memoryStores, TestHub } from '../../test/start-test-hub.ts';
import { makeProject } from '../../test/world.ts';

const LATE_MS = 400;

/** Runs something while the event loop is kept again and again, as by more calls than it can answer. */
const whileLate = async <T>({ hub }: TestHub, work: () => Promise<T>): Promise<T> => {
  const { overload } = hub.service;
  let isDone = false;
  const keepLate = async (): Promise<void> => {
    for (let times = 0; times < 200 && !isDone; times++) {
      const until = performance.now() + LATE_MS;
      while (performance.now() < until);
      await sleep(1);
    }
  };
  const late = keepLate();
  try {
    await expect.poll(() => overload.level).toBe(2);
    return await work();
  } finally {
    isDone = true;
    await late;
  }
};

describe('a hub whose event loop is late', () => {
  let hub: TestHub;
  let doors: Door[];
  let mcp: McpClient;
  let projectId: string;
  beforeAll(async () => {
    hub = await TestHub.start({ stores: memoryStores(makeMemoryStore({ clock: () => Date.now() })) });
    doors = [openRest(hub), await openSocket(hub), openGraphql(hub)];
    projectId = await makeProject(openRest(hub));
    mcp = await connectMcp(hub, { 'act-project': projectId, 'act-agent': 'tools' });
    // What is loaded at the first question is loaded before.
    for (const door of doors) await asked(door, 'project.get', projectId);
    await mcp.call('act_status');
  });
  afterAll(async () => {
    await mcp.close();
    for (const door of doors) door.close();
    await hub.stop();
  });

  const beginWork = async (door: Door) => {
    const { sessionId } = await done(door, 'agent.register', projectId, { agentId: door.name.toLowerCase() });
    const { taskId } = await done(door, 'task.create', projectId, { title: 'begun' });
    const { epoch } = await done(door, 'task.claim', projectId, { taskId, sessionId });
    return { taskId, sessionId, epoch };
  };

  it('lets work be kept and ended at every door, nothing read or begun at any; then it takes every call again', async () => {
    const works = await Promise.all(doors.map(beginWork));
    await whileLate(hub, async () => {
      for (const [index, door] of doors.entries()) {
        expectProblem(await door.query('project.get', projectId, {}), 'overloaded');
        expectProblem(await door.command('task.create', projectId, { title: 'too much' }), 'overloaded');
        await done(door, 'agent.heartbeat', projectId, { sessionId: works[index]?.sessionId });
        await done(door, 'task.complete', projectId, works[index]);
      }
      const answer = await mcp.call('act_status');
      expect(answer).toMatchObject({ isError: true, facts: { code: 'overloaded' } });
      const stream = `${hub.url}/v1/projects/${projectId}/events`;
      const refused = await httpRequest(stream, { headers: bearer(hub) });
      expect(refused.status).toBe(503);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    });
    await expect.poll(() => hub.hub.service.overload.level).toBe(0);
    for (const door of doors) {
      await asked(door, 'project.get', projectId);
      await done(door, 'task.create', projectId, { title: 'after' });
    }
    expect((await mcp.call('act_status')).isError).toBe(false);
  });
});
