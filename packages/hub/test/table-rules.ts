import { strangersOf, validCommands, validQueries } from '@agentmix/act-testing/calls';
import { uuidv7 } from 'uuidv7';
import { expect, it } from 'vitest';
import { commands, queries, queryNames, routedCommands } from './contract.ts';
import type { Answer } from './contract.ts';
import { expectProblem } from './door.ts';
import type { Door } from './door.ts';
import { makeWorld } from './world.ts';
import type { World } from './world.ts';

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const withoutIds = ({ ok, status, body }: Answer): unknown =>
  JSON.parse(JSON.stringify({ ok, status, body }).replaceAll(UUID, 'id'));

const hasIds = (call: (world: World) => unknown, world: World): boolean =>
  JSON.stringify(call(world)) !== JSON.stringify(call(strangersOf(world)));

const callable = (door: () => Door) => [
  ...routedCommands.map((name) => ({
    name,
    output: commands[name].output,
    input: validCommands[name],
    run: (projectId: string | undefined, input: unknown) => door().command(name, projectId, input),
  })),
  ...queryNames.map((name) => ({
    name,
    output: queries[name].output,
    input: validQueries[name],
    run: (projectId: string | undefined, input: unknown) => door().query(name, projectId, input),
  })),
];

/** What holds for every row of the contract’s table, whichever door it is called through. */
export const tableRules = (door: () => Door): void => {
  const rows = callable(door);

  it.each(rows.map((row) => [row.name, row] as const))(
    '%s answers what the contract says',
    async (name, row) => {
      const { run, input, output } = row;
      const world = await makeWorld(door());
      const answer = await run(name === 'project.create' ? undefined : world.projectId, input(world));
      expect(answer).toMatchObject({ ok: true });
      const parsed = output.safeParse(answer.body);
      expect(parsed).toMatchObject({ success: true });
      // The schemas leave out what they do not know: nothing of the answer may be unknown to them.
      expect(parsed.data).toEqual(answer.body);
    },
  );

  const projectRows = rows.filter(({ name }) => name !== 'project.create' && name !== 'project.list');
  it('refuses every call of a project that does not exist by project_not_found', async () => {
    const world = await makeWorld(door());
    const codes = await Promise.all(
      projectRows.map(async ({ name, run, input }) => {
        const answer = await run(uuidv7(), input(world));
        return [name, answer.status, answer.body['code']];
      }),
    );
    expect(codes).toEqual(projectRows.map(({ name }) => [name, 404, 'project_not_found']));
  });

  it('answers ids of another project as it answers ids that nothing has', async () => {
    const [mine, theirs] = [await makeWorld(door()), await makeWorld(door())];
    // Members are known in every project by the same id: whoever is put here is no stranger any more.
    const isLast = ({ name }: { name: string }): number => Number(name === 'member.put');
    const ordered = projectRows.toSorted((one, other) => isLast(one) - isLast(other));
    for (const { name, run, input } of ordered.filter((row) => hasIds(row.input, mine))) {
      const unknown = await run(mine.projectId, input(strangersOf(mine)));
      const foreign = await run(mine.projectId, input(theirs));
      expect([name, withoutIds(foreign)]).toEqual([name, withoutIds(unknown)]);
      if (!unknown.ok) expectProblem(unknown, String(unknown.body['code']));
    }
  });

  it('refuses the commands that only the hub itself may give', async () => {
    const { projectId, ada, heldTaskId, epoch } = await makeWorld(door());
    const given = [
      ['session.expire', { sessionId: ada }],
      ['task.timeout', { taskId: heldTaskId, epoch }],
    ] as const;
    for (const [name, input] of given) {
      const answer = await door()
        .command(name, projectId, input)
        .catch(() => undefined);
      expect(answer?.ok ?? false).toBe(false);
    }
  });
};
