import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
const PAIRS = 400;
const LAST = 2 + 2 * PAIRS;

/** The TCP connection below a client, to stop it from reading. */
const wireOf = ({ socket }: SocketDoor): { pause: () => void; resume: () => void } => {
  const transport: unknown = socket.io.engine.transport;
  const ws = isRecord(transport) ? transport['ws'] : undefined;
  if (typeof ws !== 'object' || ws === null || !('pause' in ws) || !('resume' in ws))
    throw new Error('no websocket below');
  return ws as { pause: () => void; resume: () => void };
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

  it('slows nobody, costs no memory, and gets everything in order when it reads again', async () => {
    const [slow, quick, writer] = [await openSocket(hub), await openSocket(hub), await openSocket(hub)];
    const [late, live] = [await follow(slow), await follow(quick)];
    wireOf(slow).pause();
    const before = await memoryInUse();
    await done(rest, 'agent.register', projectId, { agentId: 'ada' });
    const conflict = { conflictType: 'capability_overlap', involvedAgents: ['ada'], description: 'both' };
    const resolution = 'a'.repeat(60_000);
    for (let sent = 0; sent < PAIRS; sent += 25)
      await Promise.all(
        Array.from({ length: 25 }, async () => {
          const { conflictId } = await done(writer, 'conflict.report', projectId, conflict);
          await done(writer, 'conflict.resolve', projectId, { conflictId, resolution });
        }),
      );
    await expect.poll(() => live.at(-1), { timeout: 5_000 }).toBe(LAST);
    expect(live).toEqual(run(1, LAST));
    expect(late.length).toBeLessThan(LAST);
    // 24 MB went by. Held may be: 1 MB of the connection, and the project’s own state and rows.
    expect(((await memoryInUse()) - before) / MEGABYTE).toBeLessThan(8);
    wireOf(slow).resume();
    await expect.poll(() => late.at(-1), { timeout: 10_000 }).toBe(LAST);
    expect(late).toEqual(run(1, LAST));
    for (const door of [slow, quick, writer]) door.close();
    await expect.poll(() => hub.hub.service.fanOut.subscribers).toBe(0);
  });
});
