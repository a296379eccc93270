import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askGraphql } from '../../../test/ask-graphql.ts';
import { done } from '../../../test/door.ts';
import type { Door } from '../../../test/door.ts';
import { openGraphql } from '../../../test/graphql-door.ts';
import { TestHub } from '../../../test/start-test-hub.ts';
import { makeWorld } from '../../../test/world.ts';
import type { World } from '../../../test/world.ts';

describe('relations', () => {
  let hub: TestHub;
  let door: Door;
  let world: World;
  beforeAll(async () => {
    hub = await TestHub.start();
    door = openGraphql(hub);
    world = await makeWorld(door);
  });
  afterAll(() => hub.stop());
  const ask = (query: string, variables: Record<string, unknown> = {}, token = hub.token) =>
    askGraphql({ url: hub.url, token }, query, { project: world.projectId, ...variables });

  it('lead from a project to its phases, their tasks and the agents that hold them', async () => {
    const { data, errors } = await ask(`query ($project: ID!) {
      projectGet(projectId: $project) { id phases(first: 10) { nodes { id tasks(first: 20) { nodes { id phase { id } } } } }
        tasks(status: claimed, first: 10) { nodes { id agent { id tasks: history(type: "task.claimed") { nodes { type agentId } } } } } }
    }`);
    expect(errors).toBeUndefined();
    const { phases, tasks } = data['projectGet'] as Record<string, { nodes: Record<string, unknown>[] }>;
    const [phase] = phases?.nodes ?? [];
    const inPhase = (phase?.['tasks'] as { nodes: Record<string, unknown>[] } | undefined)?.nodes ?? [];
    for (const task of inPhase) expect(task['phase']).toEqual({ id: phase?.['id'] });
    const held = tasks?.nodes.find(({ id }) => id === world.heldTaskId);
    expect(held).toMatchObject({ agent: { id: expect.any(String) } });
    const agent = held?.['agent'] as { id: string; tasks: { nodes: unknown[] } } | undefined;
    expect(agent?.tasks.nodes).toContainEqual({ type: 'task.claimed', agentId: agent?.id });
  });

  it('read an inbox only for whom it is', async () => {
    const member = await done(door, 'member.put', world.projectId, {
      memberId: crypto.randomUUID(),
      kind: 'agent',
      role: 'agent',
      agentId: 'eve',
    });
    const { key } = await done(door, 'key.create', world.projectId, member);
    await done(door, 'member.put', world.projectId, {
      memberId: crypto.randomUUID(),
      kind: 'agent',
      role: 'agent',
      agentId: 'ada',
    });
    const query = `query ($project: ID!) { agentList(projectId: $project, agentId: "ada", first: 1) { nodes { id messages { nodes { content } } } } }`;
    const { data, errors } = await ask(query, {}, String(key));
    expect(data).toEqual({ agentList: { nodes: [{ id: 'ada', messages: null }] } });
    expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['not_your_agent']);
  });

  it('go through every page by cursors, each item once, from whichever edge', async () => {
    const query = `query ($project: ID!, $after: String) {
      taskList(projectId: $project, first: 2, after: $after) { edges { cursor node { id } } pageInfo { hasNextPage endCursor } }
    }`;
    interface Page {
      edges: { cursor: string; node: { id: string } }[];
      pageInfo: { hasNextPage: boolean; endCursor: string };
    }
    const page = async (after?: string): Promise<Page> =>
      (await ask(query, { after })).data['taskList'] as Page;
    const ids: string[] = [];
    let last = await page();
    const first = last;
    ids.push(...last.edges.map(({ node }) => node.id));
    while (last.pageInfo.hasNextPage) {
      last = await page(last.pageInfo.endCursor);
      ids.push(...last.edges.map(({ node }) => node.id));
    }
    const all = await door.query('task.list', world.projectId, {});
    expect(ids).toEqual((all.body['items'] as { id: string }[]).map(({ id }) => id));
    const behind = await page(first.edges[0]?.cursor);
    expect(behind.edges[0]?.node.id).toBe(ids[1]);
  });

  it('ask once for what many fields name', async () => {
    const metric = async (name: string): Promise<number> => {
      const answer = await fetch(`${hub.url}/metrics`, { headers: { authorization: `Bearer ${hub.token}` } });
      const line = (await answer.text())
        .split('\n')
        .find(
          (one) =>
            one.startsWith('act_requests_total') && one.includes('graphql') && one.includes(`"${name}"`),
        );
      return Number(line?.split(' ').at(-1) ?? 0);
    };
    const asked = await metric('phase.list');
    const { errors } = await ask(
      `query ($project: ID!) { taskList(projectId: $project) { nodes { phase { id } } } }`,
    );
    expect(errors).toBeUndefined();
    expect(await metric('phase.list')).toBe(asked + 1);
  });
});
