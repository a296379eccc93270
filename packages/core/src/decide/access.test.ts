import { timestampOf } from '@agentmix/act-contract';
import { describe, expect, it } from 'vitest';
import {
  caller,
  contextOf,
  given,
  givenHub,
  happened as h,
  id,
  newId,
  NOW,
  SECRET_HASH,
} from '../../../testing/src/given.ts';
import { GIVEN_AT } from '../../../testing/src/given.ts';
import { emptyState } from '../state.ts';
import { createKey, putMember } from './access.ts';

const ADMIN = 2;
const MEMBER = 3;
const KEY = 4;
const admin = { caller: caller(ADMIN, 'admin') };
const project = [h.project(), h.member(ADMIN, 'admin')];
const withKey = [...project, h.member(MEMBER, 'agent'), h.key(KEY, MEMBER, { label: 'ci', role: 'viewer' })];

describe('member.put', () => {
  const put = { memberId: id(MEMBER), kind: 'agent', role: 'agent', agentId: 'ada' } as const;
  it('makes a member and tells who brought it in', () =>
    given(...project)
      .when('member.put', { ...put, writePaths: ['src/**'] }, admin)
      .then({
        type: 'member.changed',
        data: { ...put, writePaths: ['src/**'], broughtBy: id(ADMIN) },
      }));
  it('keeps who brought it in when another changes it', () =>
    given(...project, h.member(MEMBER, 'viewer', { broughtBy: id(77) }))
      .when('member.put', put, admin)
      .then({ type: 'member.changed', data: { ...put, broughtBy: id(77) } }));
  it('tells the name of a person to nobody but the table of names', () => {
    const { state } = given(...project);
    const named = { memberId: id(MEMBER), kind: 'human', role: 'viewer', name: 'Grace' } as const;
    const decision = putMember(state, named, contextOf());
    expect(decision).toMatchObject({ names: [{ memberId: id(MEMBER), name: 'Grace' }] });
    expect(JSON.stringify('events' in decision && decision.events)).not.toContain('Grace');
  });
  it('refuses an agent that another member speaks as, and takes the member’s own again', () => {
    const taken = [...project, h.member(5, 'agent', { kind: 'agent', agentId: 'ada' })];
    given(...taken)
      .when('member.put', put, admin)
      .then('agent_taken');
    expect(given(...taken).when('member.put', { ...put, memberId: id(5) }, admin).events).toHaveLength(1);
  });
  it('gives an agent on to another member once its own was removed or changed', () => {
    const before = [...project, h.member(5, 'agent', { kind: 'agent', agentId: 'ada' })];
    expect(given(...before, h.removed(5)).when('member.put', put, admin).events).toHaveLength(1);
    const changed = h.member(5, 'agent', { kind: 'agent', agentId: 'eve' });
    expect(given(...before, changed).when('member.put', put, admin).events).toHaveLength(1);
  });
  it('refuses a member of the kind agent that speaks as none', () =>
    expect(() =>
      given(...project).when('member.put', { memberId: id(MEMBER), kind: 'agent', role: 'agent' }, admin),
    ).toThrow(/agentId/));
  it('has owners in the hub only, and nobody else there', () => {
    const person = { memberId: id(MEMBER), kind: 'human' } as const;
    given(...project)
      .when('member.put', { ...person, role: 'owner' }, admin)
      .then('role_not_here');
    for (const role of ['viewer', 'agent', 'coordinator', 'admin'] as const)
      givenHub(h.project())
        .when('member.put', { ...person, role })
        .then('role_not_here');
    expect(givenHub(h.project()).when('member.put', { ...person, role: 'owner' }).events).toHaveLength(1);
  });
  it('refuses more than 10,000 members, and changes those who are', () => {
    const { state } = given(...project);
    const { members } = state;
    for (let number = members.size; number < 10_000; number++)
      members.set(`m${number}`, { id: `m${number}`, kind: 'service', role: 'viewer', createdAt: 0 });
    const context = contextOf();
    expect(putMember(state, put, context)).toMatchObject({ refusal: { code: 'limit_reached' } });
    expect(putMember(state, { ...put, memberId: 'm9' }, context)).toHaveProperty('events');
  });
});

describe('member.remove', () => {
  it('ends the member’s keys with it, and no other’s', () => {
    const { state } = given(...withKey, h.key(5, ADMIN)).when(
      'member.remove',
      { memberId: id(MEMBER) },
      admin,
    );
    expect([...state.keys.values()].map((key) => [key.id, key.isRevoked])).toEqual([
      [id(KEY), true],
      [id(5), false],
    ]);
    expect(state.members.has(id(MEMBER))).toBe(false);
  });
  it('refuses who is no member, and who was one', () => {
    given(...project)
      .when('member.remove', { memberId: id(9) }, admin)
      .then('member_not_found');
    given(...withKey, h.removed(MEMBER))
      .when('member.remove', { memberId: id(MEMBER) }, admin)
      .then('member_not_found');
  });
  it('never removes the hub’s last owner', () => {
    const one = [h.project(), h.member(ADMIN, 'owner')];
    const owner = { caller: caller(ADMIN, 'owner') };
    givenHub(...one)
      .when('member.remove', { memberId: id(ADMIN) }, owner)
      .then('last_owner');
    givenHub(...one, h.member(5, 'owner'))
      .when('member.remove', { memberId: id(ADMIN) }, owner)
      .then(h.removed(ADMIN));
  });
  it('may remove a project’s last admin: owners are admins of every project', () =>
    given(...project)
      .when('member.remove', { memberId: id(ADMIN) }, admin)
      .then(h.removed(ADMIN)));
});

describe('key.create', () => {
  it('makes a key whose secret no event tells', () => {
    const made = given(...project).when(
      'key.create',
      { memberId: id(ADMIN), label: 'ci', role: 'viewer' },
      admin,
    );
    made.then(h.key(9_001, ADMIN, { label: 'ci', role: 'viewer' }));
    const { state } = given(...project);
    const decision = createKey(state, { memberId: id(ADMIN) }, contextOf());
    expect(decision).toMatchObject({ secrets: [{ keyId: newId(1), secretHash: SECRET_HASH }] });
    expect(JSON.stringify('events' in decision && decision.events)).not.toContain(SECRET_HASH);
  });
  it('takes the hash that the caller brought before the one that was drawn', () => {
    const own = 'cd'.repeat(32);
    const input = { memberId: id(ADMIN), secretHash: own };
    const decision = createKey(given(...project).state, input, contextOf());
    expect(decision).toMatchObject({ secrets: [{ secretHash: own }] });
    expect(JSON.stringify('events' in decision && decision.events)).not.toContain(own);
  });
  it('refuses keys of who is no member', () =>
    given(...project)
      .when('key.create', { memberId: id(9) }, admin)
      .then('member_not_found'));
  it('refuses more than 100,000 keys, revoked ones included', () => {
    const { state } = given(...project);
    for (let number = 0; number < 100_000; number++)
      state.keys.set(`k${number}`, { id: `k${number}`, memberId: id(ADMIN), createdAt: 0, isRevoked: true });
    const decision = createKey(state, { memberId: id(ADMIN) }, contextOf());
    expect(decision).toMatchObject({ refusal: { code: 'limit_reached' } });
  });
  it('is a defect when nobody drew a secret', () =>
    expect(() =>
      createKey(given(...project).state, { memberId: id(ADMIN) }, contextOf({ secretHash: undefined })),
    ).toThrow(/no secret/));
});

describe('key.rotate', () => {
  const rotated = { label: 'ci', role: 'viewer', replaces: id(KEY) } as const;
  it('makes a key like the old one, which goes on for the overlap', () =>
    given(...withKey)
      .when('key.rotate', { keyId: id(KEY), overlapMs: 60_000 }, admin)
      .then(h.key(9_001, MEMBER, rotated), h.expiring(KEY, NOW + 60_000)));
  it('lets the old key go on for a day unless told', () =>
    given(...withKey)
      .when('key.rotate', { keyId: id(KEY) }, admin)
      .then(h.key(9_001, MEMBER, rotated), h.expiring(KEY, NOW + 86_400_000)));
  it('ends the old one at once when there is no overlap', () => {
    const { state } = given(...withKey).when('key.rotate', { keyId: id(KEY), overlapMs: 0 }, admin);
    expect(state.keys.get(id(KEY))?.expiresAt).toBe(NOW);
  });
  it('never lets a key live longer than it would have, nor the one in its place', () => {
    const expiresAt = timestampOf(NOW + 1_000);
    given(...project, h.key(KEY, ADMIN, { expiresAt }))
      .when('key.rotate', { keyId: id(KEY), overlapMs: 60_000 }, admin)
      .then(h.key(9_001, ADMIN, { expiresAt, replaces: id(KEY) }), h.expiring(KEY, NOW + 1_000));
  });
  it('lets the new key end when told, whether or not the old one would have', () => {
    const expiresAt = timestampOf(NOW + 5_000);
    for (const old of [{}, { expiresAt: timestampOf(NOW + 1_000) }])
      given(...project, h.key(KEY, ADMIN, old))
        .when('key.rotate', { keyId: id(KEY), overlapMs: 0, expiresAt }, admin)
        .then(h.key(9_001, ADMIN, { expiresAt, replaces: id(KEY) }), h.expiring(KEY, NOW));
  });
  it('refuses a key that was revoked, or that nobody has', () => {
    given(...withKey, h.revoked(KEY))
      .when('key.rotate', { keyId: id(KEY) }, admin)
      .then('api_key_not_found');
    given(...project)
      .when('key.rotate', { keyId: id(9) }, admin)
      .then('api_key_not_found');
  });
});

describe('key.revoke', () => {
  it('ends a key once', () => {
    given(...withKey)
      .when('key.revoke', { keyId: id(KEY) }, admin)
      .then(h.revoked(KEY));
    given(...withKey, h.revoked(KEY))
      .when('key.revoke', { keyId: id(KEY) }, admin)
      .then('api_key_not_found');
  });
  it('knows the time of a key’s making still', () => {
    const { state } = given(...withKey).when('key.revoke', { keyId: id(KEY) }, admin);
    expect(state.keys.get(id(KEY))).toMatchObject({ createdAt: GIVEN_AT, isRevoked: true });
  });
});

describe('owner.admit', () => {
  const owner = { memberId: id(5), keyId: id(6), secretHash: SECRET_HASH };
  it('makes an owner with a key, in the hub only', () => {
    givenHub(h.project())
      .when('owner.admit', owner)
      .then(h.member(5, 'owner'), h.key(6, 5, { label: 'admin.key' }));
    given(...project)
      .when('owner.admit', owner)
      .then('role_not_here');
  });
  it('never takes a key’s id twice, so that a revoked one stays revoked', () =>
    givenHub(h.project(), h.member(5, 'owner'), h.key(6, 5), h.revoked(6))
      .when('owner.admit', owner)
      .then('duplicate_id'));
});

describe('an archived project', () => {
  const archived = [...withKey, h.archived()];
  it('still lets members and keys be taken away', () => {
    given(...archived)
      .when('member.remove', { memberId: id(MEMBER) }, admin)
      .then(h.removed(MEMBER));
    given(...archived)
      .when('key.revoke', { keyId: id(KEY) }, admin)
      .then(h.revoked(KEY));
  });
  it('takes no new ones', () => {
    const put = { memberId: id(9), kind: 'service', role: 'viewer' } as const;
    given(...archived)
      .when('member.put', put, admin)
      .then('project_archived');
    given(...archived)
      .when('key.create', { memberId: id(MEMBER) }, admin)
      .then('project_archived');
    given(...archived)
      .when('key.rotate', { keyId: id(KEY) }, admin)
      .then('project_archived');
  });
  it('records what was refused in it', () => {
    const attempt = { memberId: id(MEMBER), operation: 'task.create', code: 'forbidden', count: 1 };
    given(...archived)
      .when('access.note', attempt)
      .then({ type: 'access.refused', data: attempt });
  });
  it('tells nothing of its state to whom it does not belong', () =>
    given(...archived)
      .when('task.create', { title: 'x' }, { caller: caller(99, 'admin') })
      .then('project_not_found'));
});

describe('a project that does not exist', () => {
  it('is answered alike whoever asks', () => {
    expect(emptyState(id(1)).seq).toBe(0);
    given().when('task.create', { title: 'x' }, admin).then('project_not_found');
    given().when('task.create', { title: 'x' }).then('project_not_found');
  });
});
