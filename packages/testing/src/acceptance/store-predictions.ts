import { expect, it } from 'vitest';
import { ask, join, newProject, run } from './driver.ts';
import type { StoreUnderTest } from './driver.ts';

/** Queries about worktrees’ conflicts. */
export const predictionSuite = (under: () => StoreUnderTest): void => {
  it('lists the conflicts that stand, by agent and from one on, and forgets them with their session', async () => {
    const project = await newProject(under().store);
    const sessions = { ada: await join(project, 'ada'), bob: await join(project, 'bob') };
    const report = (agent: 'ada' | 'bob', tree: string, ...paths: string[]) =>
      run(project, 'worktree.report', {
        sessionId: sessions[agent],
        worktree: { key: agent, tree, branch: 'work' },
        files: paths.map((path) => ({ path, status: 'modified' as const, checksum: `${tree}a` })),
      });
    await report('ada', 'a1', 'x', 'y');
    await report('bob', 'b1', 'x');
    await report('bob', 'b2', 'x', 'y');
    const list = async (more: object = {}) => (await ask(project, 'prediction.list', more))?.items ?? [];
    const [x, y] = await list();
    const pair = { worktrees: ['ada', 'bob'], agents: ['ada', 'bob'], kind: 'content' };
    expect([x, y]).toMatchObject([
      { ...pair, path: 'x' },
      { ...pair, path: 'y' },
    ]);
    expect(await list({ agentId: 'bob', after: x?.seq })).toEqual([y]);
    expect(await list({ agentId: 'cleo' })).toEqual([]);
    expect(await ask(project, 'prediction.list', { limit: 1 })).toEqual({ items: [x], next: x?.seq });
    await report('ada', 'a2', 'y');
    expect(await list()).toEqual([y]);
    await run(project, 'agent.disconnect', { sessionId: sessions.ada });
    expect(await list()).toEqual([]);
  });
};
