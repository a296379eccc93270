import { HUB_PROJECT_ID } from '@agentmix/act-contract';
import type { NewEvent } from '@agentmix/act-contract';
import { given, happened, id, newId, NOW } from '../../../testing/src/given.ts';
import { describe, expect, it } from 'vitest';
import { decide } from '../decide.ts';
import { emptyState } from '../state.ts';
import { evolve } from '../evolve.ts';
import { noChanges } from '../changes.ts';
import { makeTalk } from '../talk.ts';

const member = (number: number, kind: 'human' | 'service', agentId?: string): NewEvent => ({
  type: 'member.changed',
  data: { memberId: id(number), kind, role: 'agent', ...(agentId === undefined ? {} : { agentId }) },
});
const as = (number: number) => ({ caller: { memberId: id(number), role: 'agent', isOwner: false } }) as const;
const registered = (agentId: string, name: string): NewEvent => ({
  type: 'agent.registered',
  agentId,
  data: { sessionId: newId(1), name, capabilities: [], leaseMs: 30_000 },
});
const context = {
  now: NOW,
  newId: () => newId(1),
  seeking: new Set<string>(),
  talk: makeTalk(),
  isSignedBy: () => false,
};

describe('privacy.erase', () => {
  it('removes the member first', () => {
    given(happened.project(), member(2, 'human'))
      .when('privacy.erase', { memberId: id(2) })
      .then(
        { type: 'member.removed', data: { memberId: id(2) } },
        { type: 'privacy.erased', data: { memberId: id(2) } },
      );
  });

  it('erases whoever is a member no more', () => {
    given(happened.project())
      .when('privacy.erase', { memberId: id(2) })
      .then({ type: 'privacy.erased', data: { memberId: id(2) } });
  });

  it('keeps the hub’s last owner', () => {
    const state = emptyState(HUB_PROJECT_ID);
    const owner: NewEvent = {
      type: 'member.changed',
      data: { memberId: id(2), kind: 'human', role: 'owner' },
    };
    for (const event of [happened.project(), owner])
      evolve(state, { ...event, seq: state.seq + 1, priority: 'medium' }, NOW, noChanges());
    const command = { name: 'privacy.erase', input: { memberId: id(2) } } as const;
    expect(decide(state, command, context)).toMatchObject({ refusal: { code: 'last_owner' } });
  });
});

describe('the display name of an agent', () => {
  const input = { agentId: 'ada', name: 'Ada Lovelace', capabilities: [] };

  it('of a program is in the log', () => {
    given(happened.project(), member(2, 'service'))
      .when('agent.register', input, as(2))
      .then(registered('ada', 'Ada Lovelace'));
  });

  it('of a human is kept beside the log, as the member’s', () => {
    const { state, when } = given(happened.project(), member(2, 'human', 'ada'));
    const command = { name: 'agent.register', input } as const;
    expect(decide(state, command, { ...context, ...as(2) })).toMatchObject({
      names: [{ memberId: id(2), name: 'Ada Lovelace' }],
    });
    when('agent.register', input, as(2)).then(registered('ada', 'ada'));
  });

  it('of a human is kept out of the log also where an owner registers the agent', () => {
    const owner = { caller: { memberId: id(9), role: 'owner', isOwner: true, kind: 'human' } } as const;
    given(happened.project()).when('agent.register', input, owner).then(registered('ada', 'ada'));
  });

  it('ends with its member', () => {
    const { state, when } = given(happened.project(), member(2, 'service', 'ada'), registered('ada', 'Ada'));
    expect(state.agents.get('ada')?.name).toBe('Ada');
    when('member.remove', { memberId: id(2) }).then({ type: 'member.removed', data: { memberId: id(2) } });
    expect(state.agents.get('ada')?.name).toBe('ada');
  });
});
