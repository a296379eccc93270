import type { CommandInput } from '@agentmix/act-contract';
import type { Caller } from '../access.ts';
import type { PersonName } from '../changes.ts';
import type { MemberState, ProjectState } from '../state.ts';

const speakerOf = (
  state: ProjectState,
  agentId: string,
  caller: Caller | undefined,
): MemberState | undefined =>
  state.members.get(state.memberIdsByAgent.get(agentId) ?? '') ?? state.members.get(caller?.memberId ?? '');

/** Whether a human speaks as the agent, whose display name is then a person’s and must not be in the log. */
export const isPerson = (state: ProjectState, agentId: string, caller: Caller | undefined): boolean =>
  (speakerOf(state, agentId, caller)?.kind ?? caller?.kind) === 'human';

/** The display name as the member’s, beside the log. An owner of the hub is no member here: its name is not kept. */
export const namesOf = (
  state: ProjectState,
  { agentId, name }: CommandInput<'agent.register'>,
  caller: Caller | undefined,
): PersonName[] => {
  const member = speakerOf(state, agentId, caller);
  return member && name !== undefined ? [{ memberId: member.id, name }] : [];
};
