import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { badInputRules } from '../../../test/bad-input-rules.ts';
import { isRecord } from '../../../test/contract.ts';
import { asked, expectProblem } from '../../../test/door.ts';
import { answerOfAck, eventOf, openSocket } from '../../../test/socket-door.ts';
import type { SocketDoor } from '../../../test/socket-door.ts';
import { TestHub } from '../../../test/start-test-hub.ts';
import { makeProject } from '../../../test/world.ts';

describe('wrong input over Socket.IO', () => {
  let hub: TestHub;
  let door: SocketDoor;
  let projectId: string;
  beforeAll(async () => {
    hub = await TestHub.start();
    door = await openSocket(hub);
    projectId = await makeProject(door);
  });
  afterAll(async () => {
    door.close();
    await hub.stop();
  });
  badInputRules(() => door, true);

  const isServing = async (through: SocketDoor = door): Promise<void> => {
    expect(await asked(through, 'project.get', projectId)).toMatchObject({ id: projectId });
  };
  /** Does something wrong on a connection of its own; the hub serves others, and this one until it is cut. */
  const apart = async (wrong: (through: SocketDoor) => Promise<void> | void): Promise<SocketDoor> => {
    const through = await openSocket(hub);
    await wrong(through);
    await isServing();
    return through;
  };

  it.each([
    ['null', null],
    ['a number', 7],
    ['text', 'task.create'],
    ['a list', [1, 2]],
    ['nothing', {}],
    ['bytes', Buffer.from('abc')],
    [
      'bytes inside',
      { name: Buffer.from('task.create'), projectId: Buffer.from('x'), input: Buffer.from('y') },
    ],
    ['a command that is none', { name: 'task.destroy' }],
    ['a name of every object', { name: 'constructor' }],
    ['a name that is no text', { name: { toString: 1 } }],
  ])('refuses %s as message of every event', async (_what, message) => {
    for (const event of ['command', 'query', 'subscribe']) {
      const answer = answerOfAck(await door.ask(event, message));
      expectProblem(answer, 'invalid_input');
    }
    expect(await door.ask('unsubscribe', message)).toMatchObject({ ok: true });
    await isServing();
  });

  it('refuses bytes where text is expected, and names the field', async () => {
    const input = { title: Buffer.from('a') };
    expectProblem(await door.command('task.create', projectId, input), 'invalid_input');
    const inside = { key: 'bytes', value: { deep: Buffer.from('a') } };
    expectProblem(await door.command('state.put', projectId, inside), 'invalid_input');
  });

  it.each([5, { id: 1 }, true, ['a'], ''])(
    'refuses %j as command id rather than run without one',
    async (id) => {
      const message = { name: 'task.create', projectId, input: { title: 'a' }, commandId: id };
      expectProblem(answerOfAck(await door.ask('command', message)), 'invalid_input');
    },
  );

  it('refuses a command of a project id that is none', async () => {
    for (const id of [undefined, null, 7, 'x', {}, [projectId], `${projectId}\0`]) {
      const command = { name: 'task.create', projectId: id, input: { title: 'a' } };
      expectProblem(answerOfAck(await door.ask('command', command)), 'invalid_input');
      expectProblem(answerOfAck(await door.ask('subscribe', { projectId: id })), 'invalid_input');
    }
  });

  it('lets pass what it does not know, and calls without an acknowledgement', async () => {
    const through = await apart(({ socket }) => {
      for (const event of ['nothing', '__proto__', 'constructor', 'frame', 'closed'])
        socket.emit(event, { a: 1 });
      socket.emit('command', { name: 'task.create', projectId, input: { title: 'unacknowledged' } });
      socket.emit('query', { name: 'project.get', projectId });
      socket.emit('subscribe', { projectId });
      socket.emit('unsubscribe');
      socket.emit('command');
      socket.emit('query', null, 'no function');
      socket.emit('subscribe', { projectId, after: 'x' }, 5, 6);
    });
    await isServing(through);
    through.close();
  });

  it.each([
    ['noise', 'noise'],
    ['an unknown packet', '9'],
    ['an event without name', '42[]'],
    ['an event that is no list', '42{"a":1}'],
    ['broken JSON', '42["command",{'],
    ['a reserved event', '42["disconnect"]'],
    ['a number as event', '42[7]'],
    ['an event of the emitter itself', '42["newListener",{}]'],
    ['an acknowledgement that nobody asked for', '439999["a"]'],
    ['bytes that never come', '452-["command",{"_placeholder":true,"num":0}]'],
    ['a placeholder out of place', '42["command",{"_placeholder":true,"num":1e9}]'],
    ['an unknown namespace', '40/admin,{}'],
    ['a second greeting', '40{"token":"x"}'],
  ])('survives %s below the protocol', async (_what, packet) => {
    const through = await apart(async ({ socket }) => {
      socket.io.engine.write(packet);
      await new Promise((resolve) => setTimeout(resolve, 50));
    });
    through.close();
    await isServing();
  });

  it.each([20_000, 200_000])('survives JSON nested %i levels deep', async (levels) => {
    const deep = '['.repeat(levels) + ']'.repeat(levels);
    const through = await apart(async ({ socket }) => {
      const input = `{"key":"deep","value":${deep}}`;
      const message = `{"name":"state.put","projectId":"${projectId}","input":${input}}`;
      socket.io.engine.write(`42["command",${message}]`);
      socket.io.engine.write(`42["query",${deep}]`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    });
    through.close();
    await isServing();
  });

  it('cuts a connection that sends a packet over the limit, and only that one', async () => {
    const through = await openSocket(hub);
    const cut = eventOf(through.socket, 'disconnect');
    through.socket.emit('command', {
      name: 'task.create',
      projectId,
      input: { title: 'a'.repeat(10_000_000) },
    });
    await cut;
    await isServing();
  });

  it.each(['x', -1, 1.5, '5', null, {}, [1], true, 1e300])('refuses %j as cursor', async (after) => {
    expectProblem(answerOfAck(await door.ask('subscribe', { projectId, after })), 'invalid_input');
  });

  it('refuses a cursor ahead of the log, and tells where the log starts and ends', async () => {
    const answer = answerOfAck(await door.ask('subscribe', { projectId, after: 1_000_000 }));
    expectProblem(answer, 'cursor_in_future');
    expect(answer.body).toMatchObject({ startSeq: 1, lastSeq: expect.any(Number) });
  });

  it('answers each of 300 calls at once, by overloaded where there are too many', async () => {
    const through = await openSocket(hub);
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, index) =>
        through.command('task.create', projectId, { title: `burst ${index}` }),
      ),
    );
    const refused = answers.filter(({ ok }) => !ok);
    for (const answer of refused) expectProblem(answer, 'overloaded');
    expect(refused.length).toBeLessThanOrEqual(300 - 256);
    expect(refused.every(({ body }) => isRecord(body) && body['retryAfter'] === 1)).toBe(true);
    await isServing(through);
    through.close();
  });

  it('has no long polling', async () => {
    const socket = io(hub.url, {
      transports: ['polling'],
      auth: { token: hub.token },
      forceNew: true,
      reconnection: false,
    });
    await eventOf(socket, 'connect_error');
    socket.disconnect();
  });
});
