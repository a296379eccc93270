import type { NewEvent } from '@agentmix/act-contract';
import { defined } from '../defined.ts';
import { findSettled } from '../settled/find-settled.ts';
import { isRefused, sessionOf } from './decision.ts';
import type { Decide } from './decision.ts';

/** Only what nobody reported before counts: several workspaces see one main branch. */
export const reportBranch: Decide<'branch.report'> = (state, { sessionId, branch, commits }) => {
  const session = sessionId === undefined ? undefined : sessionOf(state, sessionId);
  if (session && isRefused(session)) return session;
  const by = defined({ agentId: session?.agentId });
  const told = new Map(commits.map((one) => [one.commit, one]));
  const fresh = [...told.values()].filter(({ commit }) => !state.mainCommits.has(commit));
  const advanced = fresh.map(({ commit }): NewEvent => ({
    type: 'branch.advanced',
    ...by,
    data: { branch, commit },
  }));
  const settled = findSettled(state.tasks.values(), fresh).map((data): NewEvent => ({
    type: 'task.settled',
    data,
  }));
  return { events: [...advanced, ...settled] };
};
