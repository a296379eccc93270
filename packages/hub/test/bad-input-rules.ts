import { pathFields } from '@agentmix/act-contract';
import { uuidv7 } from 'uuidv7';
import { expect, it } from 'vitest';
import { routedCommands, routeOf } from './contract.ts';
import type { Answer, RoutedCommand } from './contract.ts';
import { asked, done, expectProblem, namedFields } from './door.ts';
import type { Door } from './door.ts';
import { leavesOf, replaced } from './leaves.ts';
import type { Leaf } from './leaves.ts';
import { commandId } from './start-test-hub.ts';
import { validCommands } from '@agentmix/act-testing/calls';
import { makeWorld } from './world.ts';
import type { World } from './world.ts';

const HOUR_MS = 3_600_000;
/** Any JSON is right there. */
const FREE = new Set(['content', 'value', 'result', 'resolution']);

type Change = (leaf: Leaf) => readonly unknown[];

/** Inputs of every command that are valid but for one value, and where that is. */
const spoilt = (world: World, change: Change, inPath: boolean) =>
  routedCommands.flatMap((name) => {
    const input = validCommands[name](world);
    const fixed = inPath ? [] : pathFields(routeOf(name).path);
    return leavesOf(input)
      .filter(({ path }) => !fixed.includes(String(path[0])))
      .flatMap((leaf) =>
        change(leaf).map((value) => ({ name, path: leaf.path, input: replaced(input, leaf.path, value) })),
      );
  });

const project = (name: RoutedCommand, { projectId }: World): string | undefined =>
  name === 'project.create' ? undefined : projectId;

/** Each is refused as invalid input, and the first part of the place is among the fields named. */
const expectNamed = async (door: Door, world: World, change: Change, inPath: boolean): Promise<number> => {
  const cases = spoilt(world, change, inPath);
  for (const { name, path, input } of cases) {
    const answer = await door.command(name, project(name, world), input);
    const where = `${name} ${path.join('.')}`;
    expect([where, answer.body['code']]).toEqual([where, 'invalid_input']);
    expectProblem(answer, 'invalid_input');
    expect([where, namedFields(answer).map((field) => field.split('.')[0])]).toEqual([
      where,
      expect.arrayContaining([String(path[0])]),
    ]);
  }
  return cases.length;
};

const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

/** What holds of wrong input through every door. `inPath`: fields of the path can be spoilt too. */
export const badInputRules = (door: () => Door, inPath: boolean): void => {
  const isServing = async (): Promise<void> =>
    expect(asked(door(), 'project.list', undefined)).resolves.toMatchObject({ items: expect.any(Array) });

  it('names the field that holds NUL or half a surrogate pair, in every text of every command', async () => {
    const bad: Change = ({ value }) => (typeof value === 'string' ? ['a\0b', 'a\ud800', '\udc00b'] : []);
    expect(await expectNamed(door(), await makeWorld(door()), bad, inPath)).toBeGreaterThan(200);
    await isServing();
  });

  it('names the field of a wrong type, in every command', async () => {
    const bad: Change = ({ path, value }) => {
      if (path.some((key) => FREE.has(String(key)))) return [];
      return typeof value === 'string' ? [12, true, null, [], {}] : ['x', null, [], {}, 1.5, -1e308];
    };
    expect(await expectNamed(door(), await makeWorld(door()), bad, false)).toBeGreaterThan(300);
    await isServing();
  });

  it('names a field it does not know', async () => {
    const world = await makeWorld(door());
    for (const name of routedCommands.filter((one) => routeOf(one).method !== 'DELETE')) {
      const input = { ...validCommands[name](world), surprise: 1 };
      const answer = await door().command(name, project(name, world), input);
      expectProblem(answer, 'invalid_input');
      expect([name, namedFields(answer)]).toEqual([name, expect.arrayContaining(['surprise'])]);
    }
  });

  it('names fields that are missing', async () => {
    const { projectId } = await makeWorld(door());
    const answer = await door().command('message.send', projectId, {});
    expectProblem(answer, 'invalid_input');
    expect(namedFields(answer)).toEqual(expect.arrayContaining(['sessionId', 'to', 'content']));
  });

  it.each([[[]], ['text'], [7], [true], [null], [[{ title: 'a' }]]])(
    'refuses %j where an object is expected',
    async (input) => {
      const { projectId } = await makeWorld(door());
      expectProblem(await door().command('task.create', projectId, input), 'invalid_input');
    },
  );

  it('refuses keys that name prototypes, and nothing comes of them', async () => {
    const { projectId } = await makeWorld(door());
    for (const text of [
      '{"title":"a","__proto__":{"priority":0}}',
      '{"title":"a","constructor":{"prototype":{"polluted":1}}}',
      '{"title":"a","hasOwnProperty":1}',
    ]) {
      const answer: Answer = await door().command('task.create', projectId, JSON.parse(text));
      expect([text, answer.status]).toEqual([text, 400]);
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('keeps every key of a JSON value, or refuses it', async () => {
    const { projectId } = await makeWorld(door());
    const value: unknown = JSON.parse('{"a":1,"__proto__":{"b":2}}');
    const answer = await door().command('state.put', projectId, { key: 'proto', value });
    if (!answer.ok) return expectProblem(answer, String(answer.body['code']));
    const entry = await asked(door(), 'state.get', projectId, { key: 'proto' });
    expect(JSON.stringify(entry['value'])).toBe(JSON.stringify(value));
  });

  it.each([34, 1_000, 3_000])('refuses a value nested %i levels deep', async (levels) => {
    const { projectId } = await makeWorld(door());
    const answer = await door().command('state.put', projectId, { key: 'deep', value: nested(levels) });
    expectProblem(answer, 'invalid_input');
    await isServing();
  });

  it('refuses a dependency on itself and one that closes a cycle, and names the cycle', async () => {
    const { projectId, otherTaskId, dependentTaskId } = await makeWorld(door());
    const add = (taskId: string, dependsOn: string): Promise<Answer> =>
      door().command('dependency.add', projectId, { taskId, dependsOn });
    const self = await add(otherTaskId, otherTaskId);
    expectProblem(self, 'dependency_cycle');
    expect(JSON.stringify(self.body['cycle'])).toContain(otherTaskId);
    const closing = await add(otherTaskId, dependentTaskId);
    expectProblem(closing, 'dependency_cycle');
    expect(JSON.stringify(closing.body['cycle'])).toContain(otherTaskId);
    expect(JSON.stringify(closing.body['cycle'])).toContain(dependentTaskId);
  });

  it.each([
    'x',
    '123',
    '018f0000-0000-4000-8000-000000000000',
    '00000000-0000-0000-0000-000000000000',
    `${uuidv7()}x`,
    'é'.repeat(16),
  ])('refuses %s as command id and names it', async (id) => {
    const { projectId } = await makeWorld(door());
    const headerSafe = id.startsWith('é') && door().name === 'REST' ? 'e'.repeat(300) : id;
    const answer = await door().command('task.create', projectId, { title: 'a' }, headerSafe);
    expectProblem(answer, 'invalid_input');
    expect(namedFields(answer).join()).toMatch(/Idempotency-Key|commandId/);
  });

  it('refuses command ids too old or too far ahead, and tells its time', async () => {
    const { projectId } = await makeWorld(door());
    for (const [ahead, code] of [
      [-24 * HOUR_MS - 5_000, 'idempotency_key_expired'],
      [70_000, 'idempotency_key_ahead'],
    ] as const) {
      const answer = await door().command('task.create', projectId, { title: 'a' }, commandId(ahead));
      expectProblem(answer, code);
      expect(Math.abs(Number(answer.body['time']) - Date.now())).toBeLessThan(5_000);
    }
    await done(door(), 'task.create', projectId, { title: 'a' }, commandId(50_000));
    await done(door(), 'task.create', projectId, { title: 'b' }, commandId(-23 * HOUR_MS));
  });

  it('takes text of exactly the longest length, and refuses one character more', async () => {
    const { projectId } = await makeWorld(door());
    await done(door(), 'task.create', projectId, { title: '\u{1f600}'.repeat(127) });
    await done(door(), 'task.create', projectId, { title: 'a'.repeat(255) });
    const answer = await door().command('task.create', projectId, { title: 'a'.repeat(256) });
    expectProblem(answer, 'invalid_input');
    expect(namedFields(answer)).toEqual(['title']);
  });
};
