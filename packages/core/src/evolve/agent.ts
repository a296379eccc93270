import type { EventData } from '@agentmix/act-contract';
import { addSupply, removeSupply } from '../assignment/assignment-index.ts';
import type { Changes } from '../changes.ts';
import { endWorktrees } from './worktree.ts';
import type { ProjectState, SessionState } from '../state.ts';

export const registered = (
  state: ProjectState,
  data: EventData<'agent.registered'>,
  agentId: string,
  at: number,
  changes: Changes,
): void => {
  const known = state.agents.get(agentId);
  const agent = {
    id: agentId,
    name: data.name,
    ...(data.kind === undefined ? {} : { kind: data.kind }),
    capabilities: data.capabilities,
    registeredAt: known?.registeredAt ?? at,
    sessionId: data.sessionId,
    failed: known?.failed ?? new Map<string, number>(),
    completed: known?.completed ?? new Map<string, number>(),
    ...(known?.keys ? { keys: known.keys } : {}),
  };
  const session: SessionState = {
    id: data.sessionId,
    agentId,
    leaseMs: data.leaseMs,
    startedAt: at,
    patterns: [],
    held: new Set(),
  };
  state.agents.set(agentId, agent);
  state.sessions.set(session.id, session);
  addSupply(state, session);
  changes.agents.set(agentId, agent);
  changes.opened.set(session.id, session);
};

export const disconnected = (
  state: ProjectState,
  data: EventData<'agent.disconnected'>,
  agentId: string,
  changes: Changes,
): void => {
  const session = state.sessions.get(data.sessionId);
  const agent = state.agents.get(agentId);
  if (!session || !agent)
    throw new Error(`event about unknown session ${data.sessionId} in project ${state.id}`);
  removeSupply(state, session);
  state.sessions.delete(session.id);
  endWorktrees(state, session.id, changes);
  if (agent.sessionId === session.id) delete agent.sessionId;
  changes.agents.set(agentId, agent);
  if (data.reason === 'expired') changes.expiring.add(session.id);
  if (!changes.opened.delete(session.id)) changes.closed.add(session.id);
};

/** Keys belong to the agent, not to the session that published them: they stay until others take their place. */
export const keysPublished = (
  state: ProjectState,
  data: EventData<'agent.keys_published'>,
  { agentId = '', seq }: { readonly agentId?: string; readonly seq: number },
  changes: Changes,
): void => {
  const agent = state.agents.get(agentId);
  if (!agent) throw new Error(`keys of unknown agent ${agentId} in project ${state.id}`);
  agent.keys = { ...data, seq };
  changes.agents.set(agentId, agent);
};

export const watched = (state: ProjectState, data: EventData<'file.watched'>, changes: Changes): void => {
  const session = state.sessions.get(data.sessionId);
  if (!session) throw new Error(`event about unknown session ${data.sessionId} in project ${state.id}`);
  session.patterns = data.patterns;
  changes.patterns.set(session.id, session);
};
