import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isRecord } from '../../../test/contract.ts';
import { done } from '../../../test/door.ts';
import type { Door } from '../../../test/door.ts';
import { run } from '../../../test/event-reader.ts';
import { memoryInUse } from '../../../test/memory-in-use.ts';
import { openRest } from '../../../test/rest-door.ts';
import { openSocket } from '../../../test/socket-door.ts';
import type { SocketDoor } from '../../../test/socket-door.ts';
import { TestHub } from '../../../test/start-test-hub.ts';
import { makeProject } from '../../../test/world.ts';

const MEGABYTE = 1_048_576;
const CONFLICTS = 400;
/** Each is reported, put to people, and resolved. */
const LAST = 2 + 3 * CONFLICTS;

interface Wire {
  pause(): void;
  resume(): void;
  terminate(): void;
}

/** The connection below a client, to stop it from reading. */
const wireOf = ({ socket }: SocketDoor): Wire => {
  const transport: unknown = socket.io.engine.transport;
  const ws = isRecord(transport) ? transport['ws'] : undefined;
  if (typeof ws !== 'object' || ws === null || !('pause' in ws) || !('terminate' in ws))
    throw new Error('no websocket below');
  return ws as Wire;
};

describe('a subscriber over Socket.IO that does not read', () => {
  let hub: TestHub;
  let rest: Door;
  let projectId: string;
  beforeAll(async () => {
    hub = await TestHub.start();
    rest = openRest(hub);
    projectId = await makeProject(rest);
  });
  const opened: SocketDoor[] = [];
  const connect = async (): Promise<SocketDoor> => {
    const door = await openSocket(hub);
    opened.push(door);
    return door;
  };
  afterEach(async () => {
    for (const door of opened.splice(0)) if (door.socket.connected) wireOf(door).terminate();
    await expect.poll(() => hub.hub.service.fanOut.subscribers).toBe(0);
  });
  afterAll(() => hub.stop());

  const follow = async (door: SocketDoor): Promise<number[]> => {
    const seqs: number[] = [];
    door.socket.on('frame', (text: string) => {
      const { events } = JSON.parse(text) as { events: { seq: number }[] };
      seqs.push(...events.map(({ seq }) => seq));
    });
    await door.ask('subscribe', { projectId, after: 0 });
    return seqs;
  };

  // Large frames fill the connection at once; small ones gather before it.
  it.each([
    ['large', 25],
    ['small', 2],
  ])(
    'slows nobody, costs no memory, and gets %s frames in order when it reads again',
    async (_size, atOnce) => {
      projectId = await makeProject(rest);
      const [slow, quick, writer] = [await connect(), await connect(), await connect()];
      const [late, live] = [await follow(slow), await follow(quick)];
      wireOf(slow).pause();
      const left = await connect();
      await follow(left);
      wireOf(left).pause();
      await done(rest, 'agent.register', projectId, { agentId: 'ada' });
      const conflict = { conflictType: 'capability_overlap', involvedAgents: ['ada'], description: 'both' };
      const resolution = 'a'.repeat(60_000);
      for (let sent = 0; sent < CONFLICTS; sent += atOnce)
        await Promise.all(
          Array.from({ length: atOnce }, async () => {
            const { conflictId } = await done(writer, 'conflict.report', projectId, conflict);
            await done(writer, 'conflict.resolve', projectId, { conflictId, resolution });
          }),
        );
      await expect.poll(() => live.at(-1)).toBe(LAST);
      expect(live).toEqual(run(1, LAST));
      expect(late.length).toBeLessThan(LAST);
      // 24 MB went by. What the hub holds for one of them is what it no longer holds when he is gone.
      const held = await memoryInUse();
      wireOf(left).terminate();
      await expect.poll(() => hub.hub.service.fanOut.subscribers).toBe(2);
      expect((held - (await memoryInUse())) / MEGABYTE).toBeLessThan(4);
      wireOf(slow).resume();
      await expect.poll(() => late.at(-1)).toBe(LAST);
      expect(late).toEqual(run(1, LAST));
    },
  );

  it('does not hold up a stop', async () => {
    const stuck = await connect();
    await follow(stuck);
    const wire = wireOf(stuck);
    wire.pause();
    const started = performance.now();
    await hub.hub.stop();
    expect(performance.now() - started).toBeLessThan(5_000);
    wire.terminate();
    await hub.restart();
  });
});
