import { HUB_PROJECT_ID, timestampOf } from '@agentmix/act-contract';
import type { EventData, NewEvent } from '@agentmix/act-contract';
import { defined } from '../defined.ts';
import type { KeyState, MemberState, ProjectState } from '../state.ts';
import { accept, isRefused, refuse } from './decision.ts';
import type { Decide, Decision, DecisionContext, Refused } from './decision.ts';

const MEMBERS_MAX = 10_000;
/** Revoked ones count too: they stay, so that an old key is told apart from a forged one. */
const KEYS_MAX = 100_000;

const isHub = ({ id }: ProjectState): boolean => id === HUB_PROJECT_ID;

export const putMember: Decide<'member.put'> = (state, input, { caller }) => {
  const { memberId, name, ...rest } = input;
  if ((input.role === 'owner') !== isHub(state))
    return refuse('role_not_here', isHub(state) ? 'members of the hub are owners' : undefined);
  const known = state.members.get(memberId);
  if (!known && state.members.size >= MEMBERS_MAX)
    return refuse('limit_reached', `at most ${MEMBERS_MAX} members`);
  const holder = input.agentId === undefined ? undefined : state.memberIdsByAgent.get(input.agentId);
  if (holder !== undefined && holder !== memberId) return refuse('agent_taken');
  const broughtBy = known?.broughtBy ?? caller?.memberId;
  return {
    events: [{ type: 'member.changed', data: defined({ memberId, ...rest, broughtBy }) }],
    ...(name === undefined ? {} : { names: [{ memberId, name }] }),
  };
};

const memberOf = (state: ProjectState, memberId: string): MemberState | Refused =>
  state.members.get(memberId) ?? refuse('member_not_found', `no member ${memberId}`);

export const removeMember: Decide<'member.remove'> = (state, { memberId }) => {
  const member = memberOf(state, memberId);
  if (isRefused(member)) return member;
  if (isHub(state) && state.members.size === 1) return refuse('last_owner');
  return accept({ type: 'member.removed', data: { memberId } });
};

/** What the hub drew, or what the caller made: one of them is always there. */
const secretOf = (given: string | undefined, { secretHash }: DecisionContext): string => {
  const hash = given ?? secretHash;
  if (hash === undefined) throw new Error('no secret was drawn for the key');
  return hash;
};

const create = (state: ProjectState, data: EventData<'key.created'>, secretHash: string): Decision =>
  state.keys.size >= KEYS_MAX
    ? refuse('limit_reached', `at most ${KEYS_MAX} keys`)
    : {
        events: [{ type: 'key.created', data: defined(data) }],
        secrets: [{ keyId: data.keyId, secretHash }],
      };

export const createKey: Decide<'key.create'> = (state, input, context) => {
  const member = memberOf(state, input.memberId);
  if (isRefused(member)) return member;
  const { secretHash, ...rest } = input;
  return create(state, { keyId: context.newId(), ...rest }, secretOf(secretHash, context));
};

const liveKey = (state: ProjectState, keyId: string): KeyState | Refused => {
  const key = state.keys.get(keyId);
  return key && !key.isRevoked ? key : refuse('api_key_not_found', `no live key ${keyId}`);
};

/** A key that was to end is not made into one that never does, unless somebody says so. */
export const rotateKey: Decide<'key.rotate'> = (state, input, context) => {
  const { keyId, overlapMs } = input;
  const old = liveKey(state, keyId);
  if (isRefused(old)) return old;
  const { memberId, label, role } = old;
  const ends = old.expiresAt === undefined ? undefined : timestampOf(old.expiresAt);
  const expiresAt = input.expiresAt ?? ends;
  const data = { keyId: context.newId(), memberId, label, role, expiresAt, replaces: keyId };
  const made = create(state, data, secretOf(input.secretHash, context));
  if (isRefused(made)) return made;
  const until = Math.min(context.now + overlapMs, old.expiresAt ?? Infinity);
  const expiring: NewEvent = {
    type: 'key.expiring',
    data: { keyId, expiresAt: timestampOf(until) },
  };
  return { ...made, events: [...made.events, expiring] };
};

export const revokeKey: Decide<'key.revoke'> = (state, { keyId }) => {
  const key = liveKey(state, keyId);
  return isRefused(key) ? key : accept({ type: 'key.revoked', data: { keyId } });
};

export const noteRefusals: Decide<'access.note'> = (_state, data) => accept({ type: 'access.refused', data });

export const admitOwner: Decide<'owner.admit'> = (state, { memberId, keyId, secretHash }) => {
  if (!isHub(state)) return refuse('role_not_here');
  if (state.keys.has(keyId)) return refuse('duplicate_id');
  const member: NewEvent = {
    type: 'member.changed',
    data: { memberId, kind: 'service', role: 'owner' },
  };
  const made = create(state, { keyId, memberId, label: 'admin.key' }, secretHash);
  return isRefused(made) ? made : { ...made, events: [member, ...made.events] };
};
