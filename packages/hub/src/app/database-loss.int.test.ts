import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../../test/contract.ts';
import { asked, done, expectProblem } from '../../test/door.ts';
import type { Door } from '../../test/door.ts';
import { EventReader, run } from '../../test/event-reader.ts';
import { httpRequest } from '../../test/http-request.ts';
import { openRest } from '../../test/rest-door.ts';
import { openSocket } from '../../test/socket-door.ts';
import { commandId, TestHub } from '../../test/start-test-hub.ts';
import { makeProject } from '../../test/world.ts';

const CALLERS = 20;

interface Call {
  readonly id: string;
  readonly title: string;
  readonly answer: Answer;
}

describe('a hub whose database is killed', () => {
  let hub: TestHub;
  let rest: Door;
  let projectId: string;
  let calls: Call[];
  let reason: string;
  beforeAll(async () => {
    hub = await TestHub.start();
    rest = openRest(hub);
    projectId = await makeProject(rest);
    const socket = await openSocket(hub);
    calls = [];
    let isOver = false;
    const call = async (caller: number): Promise<void> => {
      const door = caller % 2 === 0 ? rest : socket;
      for (let count = 0; !isOver; count++) {
        const title = `${caller}-${count}`;
        const id = commandId();
        calls.push({ id, title, answer: await door.command('task.create', projectId, { title }, id) });
      }
    };
    const calling = Promise.all(Array.from({ length: CALLERS }, (_, caller) => call(caller)));
    await sleep(800);
    process.kill(hub.hub.databasePid ?? 0, 'SIGKILL');
    reason = await hub.hub.failed;
    await sleep(500);
    isOver = true;
    await calling;
    socket.close();
  });
  afterAll(() => hub.stop());

  it('says that it failed, and why', () => {
    expect(reason).toMatch(/\w/);
  });

  it('answers unavailable with Retry-After, over every door', async () => {
    const refused = calls.filter(({ answer }) => !answer.ok);
    expect(refused.length).toBeGreaterThan(0);
    for (const { answer } of refused) {
      expectProblem(answer, 'unavailable');
      expect(answer.body['retryAfter']).toBeGreaterThan(0);
    }
    expectProblem(await rest.query('project.get', projectId, {}), 'unavailable');
    expectProblem(await rest.query('project.list', undefined, {}), 'unavailable');
    const late = await rest.command('task.create', projectId, { title: 'late' });
    expectProblem(late, 'unavailable');
    expect((await httpRequest(`${hub.url}/readyz`)).status).toBe(503);
    expect((await httpRequest(`${hub.url}/healthz`)).status).toBe(200);
    const stream = await EventReader.open(hub, projectId, 0);
    expect(stream.status).toBe(503);
    stream.close();
  });

  it('has lost nothing that it acknowledged, once it serves again, and finishes the rest once', async () => {
    await hub.restart();
    rest = openRest(hub);
    const acknowledged = calls.filter(({ answer }) => answer.ok);
    expect(acknowledged.length).toBeGreaterThan(CALLERS);
    for (const { answer, title } of acknowledged.slice(-100))
      expect(await asked(rest, 'task.get', projectId, { taskId: answer.body['taskId'] })).toMatchObject({
        title,
      });
    for (const { id, title, answer } of calls.slice(-200)) {
      const again = await done(rest, 'task.create', projectId, { title }, id);
      if (answer.ok) expect(again).toEqual(answer.body);
    }
    const { seq } = await asked(rest, 'project.get', projectId);
    const stream = await EventReader.open(hub, projectId, 0);
    await stream.until(Number(seq));
    expect(stream.seqs).toEqual(run(1, Number(seq)));
    stream.close();
    const titles = new Set(calls.map(({ title }) => title));
    let after: unknown;
    const found: string[] = [];
    do {
      const page = await asked(rest, 'task.list', projectId, { limit: 500, ...(after ? { after } : {}) });
      found.push(...(page['items'] as { title: string }[]).map(({ title }) => title));
      after = page['next'];
    } while (after !== undefined);
    expect(found.length).toBe(new Set(found).size);
    expect(found.filter((title) => !titles.has(title))).toEqual(found.includes('late') ? ['late'] : []);
    for (const { title } of acknowledged) expect(found).toContain(title);
  });
});
