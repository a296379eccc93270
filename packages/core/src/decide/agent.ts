import { keyStatement } from '@agentmix/act-contract';
import type { NewEvent } from '@agentmix/act-contract';
import { defined } from '../defined.ts';
import type { ProjectState, SessionState } from '../state.ts';
import { accept, isRefused, refuse, sessionOf } from './decision.ts';
import type { Decide } from './decision.ts';
import { giveBack } from './holding.ts';
import { isPerson, namesOf } from './person.ts';

const AGENTS_MAX = 10_000;

const endSession = (
  state: ProjectState,
  session: SessionState,
  reason: 'disconnected' | 'expired' | 'replaced',
): NewEvent[] => [
  ...[...session.held].flatMap((taskId) => {
    const task = state.tasks.get(taskId);
    return task ? giveBack(state, task, reason) : [];
  }),
  { type: 'agent.disconnected', agentId: session.agentId, data: { sessionId: session.id, reason } },
];

export const register: Decide<'agent.register'> = (state, input, { newId, caller }) => {
  const known = state.agents.get(input.agentId);
  if (!known && state.agents.size >= AGENTS_MAX)
    return refuse('limit_reached', `at most ${AGENTS_MAX} agents`);
  const earlier = known?.sessionId === undefined ? undefined : state.sessions.get(known.sessionId);
  // Nothing happens then that others should see: a hook of the same agent asks at every start.
  if (earlier && input.resume) return accept();
  const isOfPerson = isPerson(state, input.agentId, caller);
  const registered: NewEvent = {
    type: 'agent.registered',
    agentId: input.agentId,
    data: {
      sessionId: newId(),
      name: isOfPerson ? input.agentId : (input.name ?? input.agentId),
      ...defined({ kind: input.kind }),
      capabilities: input.capabilities,
      leaseMs: input.leaseMs ?? state.settings.leaseMs,
    },
  };
  return {
    events: [...(earlier ? endSession(state, earlier, 'replaced') : []), registered],
    ...(isOfPerson ? { names: namesOf(state, input, caller) } : {}),
  };
};

export const disconnect: Decide<'agent.disconnect'> = (state, input) => {
  const session = sessionOf(state, input.sessionId);
  return isRefused(session) ? session : accept(...endSession(state, session, 'disconnected'));
};

/** Whether the lease has run out is judged where it is written: by the store, under the session’s lock. */
export const expire: Decide<'session.expire'> = (state, input) => {
  const session = sessionOf(state, input.sessionId);
  return isRefused(session) ? session : accept(...endSession(state, session, 'expired'));
};

export const publishKeys: Decide<'agent.publish_keys'> = (state, input, { isSignedBy }) => {
  const session = sessionOf(state, input.sessionId);
  if (isRefused(session)) return session;
  const { sealingKey, signingKey, proof } = input;
  const statement = keyStatement(state.id, session.agentId, { sealingKey, signingKey });
  return isSignedBy(signingKey, statement, proof)
    ? accept({
        type: 'agent.keys_published',
        agentId: session.agentId,
        data: { sealingKey, signingKey, proof },
      })
    : refuse('proof_invalid', `the proof is no signature of ${session.agentId}’s key statement`);
};
