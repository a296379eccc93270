import type { NewEvent } from '@agentmix/act-contract';
import { removeMember } from './access.ts';
import { isRefused } from './decision.ts';
import type { Decide } from './decision.ts';

/**
 * Whoever is erased is a member no more. One that was removed before is not in the state, so an id that no member
 * ever had is erased too: there is nothing to erase, and the log says who asked for it.
 */
export const erase: Decide<'privacy.erase'> = (state, { memberId }, context) => {
  const erased: NewEvent = { type: 'privacy.erased', data: { memberId } };
  if (!state.members.has(memberId)) return { events: [erased] };
  const removed = removeMember(state, { memberId }, context);
  return isRefused(removed) ? removed : { events: [...removed.events, erased] };
};
