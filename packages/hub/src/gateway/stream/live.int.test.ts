import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { done } from '../../../test/door.ts';
import type { Door } from '../../../test/door.ts';
import { EventReader, run } from '../../../test/event-reader.ts';
import { httpRequest } from '../../../test/http-request.ts';
import { memoryInUse } from '../../../test/memory-in-use.ts';
import { bearer, openRest } from '../../../test/rest-door.ts';
import { openSocket } from '../../../test/socket-door.ts';
import { TestHub } from '../../../test/start-test-hub.ts';
import { makeProject } from '../../../test/world.ts';

const MEGABYTE = 1_048_576;

describe('event streams', () => {
  let hub: TestHub;
  let door: Door;
  let projectId: string;
  const warnings: string[] = [];
  const warn = (warning: Error & { emitter?: object }): void =>
    void warnings.push(`${warning.name} of ${warning.emitter?.constructor.name}`);
  beforeAll(async () => {
    process.on('warning', warn);
    hub = await TestHub.start();
    door = openRest(hub);
  });
  beforeEach(async () => {
    projectId = await makeProject(door);
  });
  const opened: EventReader[] = [];
  const open = async (after: number): Promise<EventReader> => {
    const reader = await EventReader.open(hub, projectId, after);
    opened.push(reader);
    return reader;
  };
  afterEach(async () => {
    for (const reader of opened.splice(0)) reader.close();
    await expect.poll(subscribers, { timeout: 5_000 }).toBe(0);
  });
  afterAll(async () => {
    process.off('warning', warn);
    await hub.stop();
  });

  const subscribers = async (): Promise<number> => {
    const { text } = await httpRequest(`${hub.url}/metrics`, { headers: bearer(hub) });
    return Number(/^act_subscribers (\d+)$/m.exec(text)?.[1]);
  };
  const milestone = (name: string, id = projectId): Promise<unknown> =>
    done(door, 'project.milestone', id, { name });
  /** About 200 a second. */
  const write = async (count: number): Promise<void> => {
    await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        await sleep(index * 5);
        await milestone(`m${index}`);
      }),
    );
  };
  /** So many conflicts: reported, put to people, resolved in some 60 KB, through a door that costs little. */
  const writeMuch = async (count: number): Promise<void> => {
    await done(door, 'agent.register', projectId, { agentId: 'ada' });
    const socket = await openSocket(hub);
    const resolution = 'a'.repeat(60_000);
    const conflict = { conflictType: 'capability_overlap', involvedAgents: ['ada'], description: 'both' };
    for (let sent = 0; sent < count; sent += 25)
      await Promise.all(
        Array.from({ length: 25 }, async () => {
          const { conflictId } = await done(socket, 'conflict.report', projectId, conflict);
          await done(socket, 'conflict.resolve', projectId, { conflictId, resolution });
        }),
      );
    socket.close();
  };

  it('go from the log to live without a gap while 200 commands a second are committed', async () => {
    const writing = write(500);
    const readers: EventReader[] = [];
    for (let at = 0; at < 10; at++) {
      await sleep(150);
      readers.push(await open(at));
    }
    await writing;
    for (const [at, reader] of readers.entries()) {
      await reader.until(501);
      // A frame is sent whole: a cursor inside one repeats its first events.
      expect(reader.seqs.filter((seq) => seq > at)).toEqual(run(at + 1, 501));
    }
  });

  it('resume after any cut without a gap', async () => {
    const writing = write(200);
    const seqs: number[] = [];
    while ((seqs.at(-1) ?? 0) < 201) {
      const reader = await open(seqs.at(-1) ?? 0);
      await sleep(60);
      reader.close();
      const cursor = seqs.at(-1) ?? 0;
      seqs.push(...reader.seqs.filter((seq) => seq > cursor));
    }
    await writing;
    expect(seqs).toEqual(run(1, 201));
  });

  it('deliver to 200 subscribers of one project, and are freed when they leave', async () => {
    const readers = await Promise.all(Array.from({ length: 200 }, () => open(0)));
    expect(await subscribers()).toBe(200);
    await write(50);
    for (const reader of readers) {
      await reader.until(51);
      expect(reader.seqs).toEqual(run(1, 51));
    }
  });

  it('of one who stops reading cost no memory and slow nobody, and go on where they were', async () => {
    const slow = await open(0);
    slow.pause();
    const quick = await open(0);
    const left = await open(0);
    left.pause();
    await writeMuch(600);
    await quick.until(1_802);
    expect(quick.seqs).toEqual(run(1, 1_802));
    // 36 MB went by. What the hub holds for one of them is what it no longer holds when he is gone.
    const held = await memoryInUse();
    left.close();
    await expect.poll(subscribers).toBe(2);
    expect((held - (await memoryInUse())) / MEGABYTE).toBeLessThan(4);
    slow.resume();
    await slow.until(1_802);
    expect(slow.seqs).toEqual(run(1, 1_802));
  });

  it(
    'of one who reads nothing for 30 seconds are closed, and his cursor resumes',
    { timeout: 90_000 },
    async () => {
      const stuck = await open(0);
      const socket = await openSocket(hub);
      await socket.ask('subscribe', { projectId, after: 0 });
      stuck.pause();
      await writeMuch(500);
      expect(await subscribers()).toBe(2);
      await expect.poll(subscribers, { timeout: 42_000, interval: 500 }).toBe(1);
      stuck.resume();
      await expect.poll(() => stuck.isEnded, { timeout: 10_000 }).toBe(true);
      const cursor = stuck.seqs.at(-1) ?? 0;
      expect(stuck.seqs).toEqual(run(1, cursor));
      const again = await open(cursor);
      await again.until(1_502);
      // Leases run out meanwhile: there may be more than was written.
      const seen = [...stuck.seqs, ...again.seqs];
      expect(seen).toEqual(run(1, seen.length));
      expect(seen.length).toBeGreaterThanOrEqual(1_502);
      socket.close();
    },
  );

  it('leave no listener behind each time a reader was slow', () => {
    expect(warnings).not.toContain('MaxListenersExceededWarning of ServerResponse');
  });

  it('end when the hub stops, and say so', async () => {
    const reader = await open(0);
    await reader.until(1);
    await hub.restart();
    door = openRest(hub);
    await expect.poll(() => reader.isEnded).toBe(true);
    expect(reader.messages.at(-1)).toMatchObject({
      event: 'refusal',
      data: { code: 'unavailable', cursor: 1 },
    });
  });
});
