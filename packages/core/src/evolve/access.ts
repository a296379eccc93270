import { epochMsOf } from '@agentmix/act-contract';
import type { EventData } from '@agentmix/act-contract';
import type { Changes } from '../changes.ts';
import { defined } from '../defined.ts';
import type { KeyState, MemberState, ProjectState } from '../state.ts';

export const attachMember = (state: ProjectState, member: MemberState): void => {
  const before = state.members.get(member.id)?.agentId;
  if (before !== undefined) state.memberIdsByAgent.delete(before);
  state.members.set(member.id, member);
  if (member.agentId !== undefined) state.memberIdsByAgent.set(member.agentId, member.id);
};

export const memberChanged = (
  state: ProjectState,
  data: EventData<'member.changed'>,
  at: number,
  changes: Changes,
): void => {
  const { memberId, ...rest } = data;
  const member = {
    ...defined(rest),
    id: memberId,
    createdAt: state.members.get(memberId)?.createdAt ?? at,
  };
  attachMember(state, member);
  changes.members.set(memberId, member);
  changes.removedMembers.delete(memberId);
};

const changeKey = (state: ProjectState, key: KeyState, changes: Changes): void => {
  state.keys.set(key.id, key);
  changes.keys.set(key.id, key);
};

const keyOf = (state: ProjectState, keyId: string): KeyState => {
  const key = state.keys.get(keyId);
  if (!key) throw new Error(`event about unknown key ${keyId} in project ${state.id}`);
  return key;
};

/** The display name of its agent was its own: whoever speaks as the agent next gives another. */
const forgetAgentName = (state: ProjectState, agentId: string, changes: Changes): void => {
  const agent = state.agents.get(agentId);
  if (!agent) return;
  agent.name = agent.id;
  changes.agents.set(agentId, agent);
};

/** Its keys end with it and are forgotten here; their rows stay, revoked. */
export const memberRemoved = (state: ProjectState, memberId: string, changes: Changes): void => {
  const agentId = state.members.get(memberId)?.agentId;
  if (agentId !== undefined) {
    state.memberIdsByAgent.delete(agentId);
    forgetAgentName(state, agentId, changes);
  }
  state.members.delete(memberId);
  changes.members.delete(memberId);
  changes.removedMembers.add(memberId);
  for (const key of state.keys.values())
    if (key.memberId === memberId && !key.isRevoked) changeKey(state, { ...key, isRevoked: true }, changes);
};

export const keyCreated = (
  state: ProjectState,
  data: EventData<'key.created'>,
  at: number,
  changes: Changes,
): void => {
  const { keyId, expiresAt, replaces: _replaces, ...rest } = data;
  const until = expiresAt === undefined ? {} : { expiresAt: epochMsOf(expiresAt) };
  changeKey(state, { ...defined(rest), ...until, id: keyId, createdAt: at, isRevoked: false }, changes);
};

export const keyExpiring = (
  state: ProjectState,
  { keyId, expiresAt }: EventData<'key.expiring'>,
  changes: Changes,
): void => changeKey(state, { ...keyOf(state, keyId), expiresAt: epochMsOf(expiresAt) }, changes);

export const keyRevoked = (state: ProjectState, keyId: string, changes: Changes): void =>
  changeKey(state, { ...keyOf(state, keyId), isRevoked: true }, changes);
