import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRecord } from './contract.ts';
import type { Answer } from './contract.ts';
import { asked, done, expectProblem } from './door.ts';
import type { Door } from './door.ts';
import type { HubAddress } from './rest-door.ts';
import { commandId, TestHub } from './start-test-hub.ts';
import { makeWorld } from './world.ts';
import type { World } from './world.ts';

const TIMES = 100;

/** `open` and `task` of a claim are as of the moment of the answer; everything else is repeated. */
const stable = ({ ok, body, seq }: Answer): unknown => {
  const { open: _open, task: _task, ...rest } = body;
  const claim = isRecord(rest['claim']) ? { ...rest['claim'], task: undefined } : undefined;
  return { ok, seq, body: { ...rest, claim } };
};

/** Commands that must not happen twice, each with another input under the same id. */
const given = [
  ['task.create', () => ({ title: 'once' }), () => ({ title: 'another' })],
  [
    'task.claim',
    (w: World) => ({ taskId: w.openTaskId, sessionId: w.bob }),
    (w: World) => ({ taskId: w.otherTaskId, sessionId: w.bob }),
  ],
  ['task.next', (w: World) => ({ sessionId: w.bob }), (w: World) => ({ sessionId: w.ada })],
  [
    'task.complete',
    (w: World) => ({ taskId: w.heldTaskId, sessionId: w.ada, epoch: w.epoch, result: { a: 1 } }),
    (w: World) => ({ taskId: w.heldTaskId, sessionId: w.ada, epoch: w.epoch, result: { a: 2 } }),
  ],
  ['project.milestone', () => ({ name: 'one' }), () => ({ name: 'two' })],
] as const;

const lastSeq = async (door: Door, { projectId }: World): Promise<number> =>
  Number((await asked(door, 'project.get', projectId))['seq']);

const rules = (door: () => Door, restart: () => Promise<void>): void => {
  it.each(given)('carries out %s once and repeats its answer', async (name, input) => {
    const world = await makeWorld(door());
    const id = commandId();
    const first = await door().command(name, world.projectId, input(world), id);
    expect(first.ok).toBe(true);
    const seq = await lastSeq(door(), world);
    const second = await door().command(name, world.projectId, input(world), id);
    expect(stable(second)).toEqual(stable(first));
    expect(await lastSeq(door(), world)).toBe(seq);
  });

  it.each(given)(
    `carries out %s once when ${TIMES} callers bring the same id at once`,
    async (name, input) => {
      const world = await makeWorld(door());
      const id = commandId();
      const before = await lastSeq(door(), world);
      const answers = await Promise.all(
        Array.from({ length: TIMES }, () => door().command(name, world.projectId, input(world), id)),
      );
      const [first] = answers;
      if (!first) throw new Error('no answer');
      expect(first.ok).toBe(true);
      for (const answer of answers) expect(stable(answer)).toEqual(stable(first));
      expect(first.seq).toBeGreaterThan(before);
      expect(await lastSeq(door(), world)).toBe(first.seq);
    },
  );

  it.each(given)('refuses another %s with a used id', async (name, input, other) => {
    const world = await makeWorld(door());
    const id = commandId();
    await done(door(), name, world.projectId, input(world), id);
    const seq = await lastSeq(door(), world);
    expectProblem(await door().command(name, world.projectId, other(world), id), 'idempotency_key_reused');
    const anotherCommand = await door().command('state.put', world.projectId, { key: 'k', value: 1 }, id);
    expectProblem(anotherCommand, 'idempotency_key_reused');
    expect(await lastSeq(door(), world)).toBe(seq);
  });

  it('repeats answers after a restart', async () => {
    const world = await makeWorld(door());
    const calls = given.map(([name, input]) => ({ name, input: input(world), id: commandId() }));
    const first: unknown[] = [];
    for (const { name, input, id } of calls)
      first.push(stable(await door().command(name, world.projectId, input, id)));
    const seq = await lastSeq(door(), world);
    await restart();
    for (const [at, { name, input, id }] of calls.entries()) {
      const again = await door().command(name, world.projectId, input, id);
      expect([name, stable(again)]).toEqual([name, first[at]]);
      const other = await door().command('project.milestone', world.projectId, { name: `other ${at}` }, id);
      expectProblem(other, 'idempotency_key_reused');
    }
    expect(await lastSeq(door(), world)).toBe(seq);
  });

  it('creates one project for one id, and repeats its answer', async () => {
    const id = commandId();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => door().command('project.create', undefined, { name: 'once' }, id)),
    );
    for (const answer of answers) expect(answer).toMatchObject({ ok: true, body: { projectId: id } });
    const other = await door().command('project.create', undefined, { name: 'another' }, id);
    expectProblem(other, 'idempotency_key_reused');
  });

  it('gives work to a task.next that found none, when it is repeated with its id', async () => {
    const created = await done(door(), 'project.create', undefined, { name: 'idle' });
    const projectId = String(created['projectId']);
    const { sessionId } = await done(door(), 'agent.register', projectId, { agentId: 'ada' });
    const id = commandId();
    const next = (): Promise<Answer> => door().command('task.next', projectId, { sessionId }, id);
    expect((await next()).body).toEqual({ open: 0 });
    const { taskId } = await done(door(), 'task.create', projectId, { title: 'late' });
    await done(door(), 'task.create', projectId, { title: 'later' });
    const found = await next();
    expect(found.body).toMatchObject({ claim: { taskId, epoch: 1 } });
    expect(stable(await next())).toEqual(stable(found));
  });

  it('judges a refused command anew', async () => {
    const { projectId, heldTaskId, ada, bob, epoch } = await makeWorld(door());
    const id = commandId();
    const claim = (): Promise<Answer> =>
      door().command('task.claim', projectId, { taskId: heldTaskId, sessionId: bob }, id);
    expectProblem(await claim(), 'task_already_claimed');
    await done(door(), 'task.release', projectId, { taskId: heldTaskId, sessionId: ada, epoch });
    expect(await claim()).toMatchObject({ ok: true, body: { epoch: epoch + 1 } });
  });
};

/** What holds of repeated command ids through every door. */
export const idempotencyRules = (name: string, open: (hub: HubAddress) => Door | Promise<Door>): void => {
  describe(`repeated commands over ${name}`, () => {
    let hub: TestHub;
    let door: Door;
    beforeAll(async () => {
      hub = await TestHub.start();
      door = await open(hub);
    });
    afterAll(async () => {
      door.close();
      await hub.stop();
    });
    rules(
      () => door,
      async () => {
        await hub.restart();
        door = await open(hub);
      },
    );
  });
};
