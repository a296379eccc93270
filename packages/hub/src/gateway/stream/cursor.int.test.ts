import { makeMemoryStore } from '@agentmix/act-memory';
import type { Store } from '@agentmix/act-core';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { done, expectProblem } from '../../../test/door.ts';
import type { Door } from '../../../test/door.ts';
import { EventReader, run } from '../../../test/event-reader.ts';
import { httpRequest } from '../../../test/http-request.ts';
import type { HttpOptions } from '../../../test/http-request.ts';
import { answerOf, bearer, openRest } from '../../../test/rest-door.ts';
import { answerOfAck, openSocket } from '../../../test/socket-door.ts';
import { memoryStores, TestHub } from '../../../test/start-test-hub.ts';
import { makeProject } from '../../../test/world.ts';

describe('cursors of an event stream', () => {
  let hub: TestHub;
  let door: Door;
  let store: Store;
  let projectId: string;
  /** Of a project whose first events are forgotten. */
  let trimmedId: string;
  beforeAll(async () => {
    let aheadMs = 0;
    store = makeMemoryStore({ clock: () => Date.now() + aheadMs });
    hub = await TestHub.start({ stores: memoryStores(store) });
    door = openRest(hub);
    const milestones = async (id: string, names: string[]): Promise<void> => {
      for (const name of names) await done(door, 'project.milestone', id, { name });
    };
    trimmedId = await makeProject(door, 'trimmed');
    await milestones(trimmedId, ['a', 'b', 'c']);
    aheadMs = 10_000;
    await store.trimLog(Date.now() + 5_000);
    projectId = await makeProject(door, 'whole');
    await milestones(projectId, ['a', 'b', 'c']);
  });
  afterAll(() => hub.stop());

  const open = async (id: string, query: string, options: HttpOptions = {}) => {
    const headers = { ...bearer(hub), ...options.headers };
    return answerOf(await httpRequest(`${hub.url}/v1/projects/${id}/events${query}`, { headers }));
  };

  it('refuses a project that does not exist', async () => {
    expectProblem(await open(uuidv7(), ''), 'project_not_found');
    expectProblem(await open(uuidv7(), '?after=0'), 'project_not_found');
    expectProblem(await open('x', ''), 'invalid_input');
  });

  it.each(['x', '-1', '1.5', '1e3', '0x1', ' ', '١', '99999999999999999999', '1,2', 'null', '1;'])(
    'refuses %j as cursor, in the query string and as Last-Event-ID',
    async (cursor) => {
      expectProblem(await open(projectId, `?after=${encodeURIComponent(cursor)}`), 'invalid_input');
      if (/^[ -~]+$/.test(cursor) && cursor.trim() !== '')
        expectProblem(await open(projectId, '', { headers: { 'last-event-id': cursor } }), 'invalid_input');
    },
  );

  it('refuses a cursor given twice', async () => {
    expectProblem(await open(projectId, '?after=1&after=2'), 'invalid_input');
  });

  it('refuses a cursor ahead of the log, and tells where the log starts and ends', async () => {
    for (const cursor of [5, 1_000_000, Number.MAX_SAFE_INTEGER]) {
      const answer = await open(projectId, `?after=${cursor}`);
      expectProblem(answer, 'cursor_in_future');
      expect(answer.body).toMatchObject({ startSeq: 1, lastSeq: 4 });
    }
  });

  it('refuses a cursor before what the log keeps, and tells where it starts and ends', async () => {
    const answer = await open(trimmedId, '?after=0');
    expectProblem(answer, 'cursor_too_old');
    expect(answer.status).toBe(410);
    expect(answer.body).toMatchObject({ startSeq: 4, lastSeq: 4 });
    const socket = await openSocket(hub);
    const refused = answerOfAck(await socket.ask('subscribe', { projectId: trimmedId, after: 0 }));
    expectProblem(refused, 'cursor_too_old');
    expect(refused.body).toMatchObject({ startSeq: 4, lastSeq: 4 });
    socket.close();
  });

  it('resumes at the earliest cursor that the log keeps', async () => {
    const reader = await EventReader.open(hub, trimmedId, 3);
    await reader.until(4);
    expect(reader.seqs).toEqual([4]);
    reader.close();
  });

  it('begins with what is new when there is no cursor, and tells the cursor', async () => {
    const reader = await EventReader.open(hub, projectId);
    await done(door, 'project.milestone', projectId, { name: 'new' });
    await reader.until(5);
    expect(reader.seqs).toEqual([5]);
    expect(reader.messages[0]).toMatchObject({ event: 'open', data: { cursor: 4, seq: 4 } });
    reader.close();
  });

  it('takes the cursor of Last-Event-ID, the query string first', async () => {
    const byHeader = await EventReader.open(hub, projectId, undefined, { 'last-event-id': '2' });
    await byHeader.until(5);
    expect(byHeader.seqs).toEqual(run(3, 5));
    byHeader.close();
    const byQuery = await EventReader.open(hub, projectId, 4, { 'last-event-id': '2' });
    await byQuery.until(5);
    expect(byQuery.seqs).toEqual([5]);
    byQuery.close();
  });

  it('delivers the same frames over both doors', async () => {
    const reader = await EventReader.open(hub, projectId, 0);
    const socket = await openSocket(hub);
    const seqs: number[] = [];
    socket.socket.on('frame', (text: string) => {
      const { events } = JSON.parse(text) as { events: { seq: number }[] };
      seqs.push(...events.map(({ seq }) => seq));
    });
    expect(await socket.ask('subscribe', { projectId, after: 0 })).toMatchObject({ ok: true, cursor: 0 });
    await reader.until(5);
    await expect.poll(() => seqs).toEqual(run(1, 5));
    expect(reader.seqs).toEqual(run(1, 5));
    socket.close();
    reader.close();
  });
});
