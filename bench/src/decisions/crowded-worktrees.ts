import type { LaneCommand, ProjectState } from '@agentmix/act-core';
import type { CommandInput } from '@agentmix/act-contract';
import { decideOn } from './decide-on.ts';
import { fileOf, happen, sessionOf, withAgents } from './crowded-projects.ts';

type Report = CommandInput<'worktree.report'>;

/** Every fourth file is changed by all in one place; the others by each where nobody else is. */
const COLLIDING = 4;
const LINES = 5;
const HUNKS = 3;

const changed = (at: number, agent: number, isEveryones: boolean): Report['files'][number] => ({
  path: fileOf(at),
  status: 'modified',
  checksum: `${agent}${Number(isEveryones)}`,
  hunks: Array.from({ length: HUNKS }, (_, hunk) => ({
    start: 1_000 * hunk + (isEveryones ? 1 : LINES * (agent + 1)),
    length: 1,
    newLength: 1,
    hash: `${agent}${hunk}`,
  })),
});

const report = (agent: number, tree: string, files: Report['files'], since?: string): LaneCommand => ({
  name: 'worktree.report',
  input: {
    sessionId: sessionOf(agent),
    worktree: { key: `worktree-${agent}`, tree },
    files,
    gone: [],
    merges: [],
    ...(since === undefined ? {} : { since }),
  },
});

/** All that a worktree says which it reports for the first time. */
export const wholeReport = (agent: number, files: number): LaneCommand =>
  report(
    agent,
    'a0',
    Array.from({ length: files }, (_, at) => changed(at, agent, at % COLLIDING === 0)),
  );

/** An edit that begins or ends a conflict with everyone. */
export const oneEdit = (agent: number, at: number): LaneCommand =>
  report(agent, 'a1', [changed(at, agent, at % COLLIDING !== 0)], 'a0');

/** So many agents with a worktree each, but for the last of them, all of which change the same files. */
export const crowdedWorktrees = (agents: number, files: number): ProjectState => {
  const state = withAgents(agents);
  for (let agent = 0; agent < agents - 1; agent++)
    for (const { type, data, agentId } of decideOn(state, wholeReport(agent, files)))
      happen(state, type, data, agentId);
  return state;
};
