import { commands, HUB_PROJECT_ID, includesRole, queries } from '@agentmix/act-contract';
import { validCommands, validQueries } from '@agentmix/act-testing/calls';
import { uuidv7 } from 'uuidv7';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queryNames, routedCommands } from '../../test/contract.ts';
import { asked, done } from '../../test/door.ts';
import { httpRequest } from '../../test/http-request.ts';
import { makePrincipal, PROJECT_ROLES } from '../../test/principals.ts';
import type { Principal } from '../../test/principals.ts';
import { bearer, openRest, restCall } from '../../test/rest-door.ts';
import type { HubAddress } from '../../test/rest-door.ts';
import { openSocket } from '../../test/socket-door.ts';
import { TestHub } from '../../test/start-test-hub.ts';
import { makeProject, makeWorld } from '../../test/world.ts';
import type { World } from '../../test/world.ts';

describe('projects, seen by members of another one', () => {
  let hub: TestHub;
  let mine: World;
  let theirs: World;
  const members = new Map<string, Principal>();
  beforeAll(async () => {
    hub = await TestHub.start();
    const owner = openRest(hub);
    mine = await makeWorld(owner, ' of mine');
    theirs = await makeWorld(owner, ' of theirs');
    for (const role of PROJECT_ROLES) members.set(role, await makePrincipal(hub, mine.projectId, role));
  });
  afterAll(() => hub.stop());

  const member = (role: (typeof PROJECT_ROLES)[number]): Principal => {
    const found = members.get(role);
    if (!found) throw new Error(`no ${role}`);
    return found;
  };
  const rows = [
    ...routedCommands.map((name) => ({ name, role: commands[name].role, input: validCommands[name] })),
    ...queryNames.map((name) => ({ name, role: queries[name].role, input: validQueries[name] })),
  ].filter(({ name }) => name !== 'project.create' && name !== 'project.list');
  /** Everything that came, with the id of the project asked for taken out. */
  const seen = async (address: HubAddress, name: string, projectId: string, input: unknown) => {
    const { status, headers, text } = await restCall(address, name, projectId, input);
    const { date: _date, ...others } = headers;
    return [name, status, others, text.replaceAll(projectId, 'ID')];
  };

  it.each(PROJECT_ROLES)('are to a %s what projects are that do not exist, byte for byte', async (role) => {
    const { hub: address } = member(role);
    const door = await openSocket(address);
    for (const { name, input } of rows)
      for (const world of [theirs, mine]) {
        const unknown = uuidv7();
        const there = await seen(address, name, theirs.projectId, input(world));
        expect(there).toEqual(await seen(address, name, unknown, input(world)));
        expect(there[1]).toBe(404);
        const kind = name in commands ? 'command' : 'query';
        const ask = async (projectId: string): Promise<string> =>
          JSON.stringify(await door.ask(kind, { name, projectId, input: input(world) })).replaceAll(
            projectId,
            'ID',
          );
        expect(await ask(theirs.projectId)).toBe(await ask(unknown));
      }
    door.close();
  });

  it.each(PROJECT_ROLES)('have no events for a %s', async (role) => {
    const { hub: address } = member(role);
    const door = await openSocket(address);
    for (const after of [undefined, 0, 1, 999_999]) {
      const ask = async (projectId: string): Promise<string[]> => {
        const query = after === undefined ? '' : `?after=${after}`;
        const url = `${hub.url}/v1/projects/${projectId}/events${query}`;
        const { status, text } = await httpRequest(url, { headers: bearer(address) });
        const acknowledged = JSON.stringify(await door.ask('subscribe', { projectId, after }));
        return [`${status} ${text}`, acknowledged].map((one) => one.replaceAll(projectId, 'ID'));
      };
      const there = await ask(theirs.projectId);
      expect(there).toEqual(await ask(uuidv7()));
      expect(there[0]).toContain('project_not_found');
    }
    door.close();
  });

  it.each(PROJECT_ROLES)('are in no list of a %s, which holds its own alone', async (role) => {
    const { door } = member(role);
    const { items } = await asked(door, 'project.list', undefined);
    expect(items).toMatchObject([{ id: mine.projectId }]);
  });

  it('forbids within the own project exactly what the table says', async () => {
    for (const role of PROJECT_ROLES)
      for (const row of rows) {
        // A call that nothing fits: whoever may make it is refused for that, and nothing happens.
        const answer = await restCall(member(role).hub, row.name, mine.projectId, { unheard: 'of' });
        const isAllowed = row.role !== undefined && includesRole(role, row.role);
        expect([row.name, role, answer.status === 403]).toEqual([row.name, role, !isAllowed]);
        if (!isAllowed) expect(JSON.parse(answer.text)).toMatchObject({ code: 'forbidden' });
      }
  });

  it('lets nobody but owners make projects, and tells of no id that is taken', async () => {
    for (const role of PROJECT_ROLES) {
      const ask = (projectId: string) =>
        restCall(member(role).hub, 'project.create', undefined, { name: 'x', projectId });
      const [taken, free] = [await ask(theirs.projectId), await ask(uuidv7())];
      expect([taken.status, taken.text]).toEqual([403, free.text]);
    }
  });

  it('keeps the hub’s own project for owners, and out of every list', async () => {
    for (const role of PROJECT_ROLES)
      for (const { name, input } of rows) {
        const { hub: address } = member(role);
        const there = await seen(address, name, HUB_PROJECT_ID, input(mine));
        expect(there).toEqual(await seen(address, name, uuidv7(), input(mine)));
      }
    const owner = openRest(hub);
    expect(await asked(owner, 'project.get', HUB_PROJECT_ID)).toMatchObject({ id: HUB_PROJECT_ID });
    const { items } = await asked(owner, 'project.list', undefined, { limit: 500 });
    const ids = (items as { id: string }[]).map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining([mine.projectId, theirs.projectId]));
    expect(ids).not.toContain(HUB_PROJECT_ID);
  });

  it('tells an inbox and a briefing to their agent’s member, and to nobody else who speaks as an agent', async () => {
    const projectId = await makeProject(openRest(hub));
    const bind = (agentId: string) => makePrincipal(hub, projectId, 'agent', { kind: 'agent', agentId });
    const [ann, bob] = [await bind('ann'), await bind('bob')];
    const free = await makePrincipal(hub, projectId, 'coordinator');
    await done(ann.door, 'agent.register', projectId, { agentId: 'ann' });
    for (const [door, isAllowed] of [
      [ann.door, true],
      [bob.door, false],
      [free.door, false],
      [openRest(hub), false],
    ] as const) {
      const reason = isAllowed ? undefined : 'not_your_agent';
      for (const name of ['message.list', 'agent.briefing'] as const) {
        const answer = await door.query(name, projectId, { agentId: 'ann' });
        expect([answer.ok, answer.body['code']]).toEqual([isAllowed, reason]);
      }
    }
  });

  it('records what was refused in the log of whoever tried, and in no other', async () => {
    const projectId = await makeProject(openRest(hub));
    const { door, memberId } = await makePrincipal(hub, projectId, 'viewer');
    const before = await asked(openRest(hub), 'project.snapshot', theirs.projectId);
    await door.command('task.create', projectId, { title: 'x' });
    for (let time = 0; time < 30; time++) await door.query('project.get', theirs.projectId, {});
    const refused = async (): Promise<{ data: Record<string, unknown> }[]> => {
      const query = { type: 'access.refused', limit: 100 };
      return (await asked(openRest(hub), 'event.list', projectId, query))['items'] as never;
    };
    const late = performance.now() + 20_000;
    while ((await refused()).length < 10 && performance.now() < late)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await refused()).map(({ data }) => data)).toEqual([
      { memberId, operation: 'task.create', code: 'forbidden', count: 1 },
      ...Array.from({ length: 9 }, () => ({
        memberId,
        operation: 'project.get',
        code: 'project_not_found',
        count: 1,
      })),
    ]);
    expect((await asked(openRest(hub), 'project.snapshot', theirs.projectId))['seq']).toBe(before['seq']);
  });
});
