import type { Role } from '@agentmix/act-contract';
import { makeKey, parseKey } from '@agentmix/act-hub/access';
import { uuidv7 } from 'uuidv7';
import type { StageSet } from './stage-set.ts';

/**
 * Somebody who must not do what is tried. `foreign`: a member of another project. `low`: a member whose role is not
 * enough. `otherAgent`: a member who speaks as another agent. `nobody`: whoever has no valid credential.
 */
export interface Principal {
  readonly name: string;
  readonly kind: 'foreign' | 'low' | 'otherAgent' | 'nobody';
  readonly token: string | undefined;
  /** Of a member. */
  readonly role?: Role;
  /** Also tries the other project with ids of its own: what is true of its key here is so of its token. */
  readonly isThorough?: boolean;
  /** The refusal that has to come. */
  readonly code: string;
}

const ROLES = ['viewer', 'agent', 'coordinator', 'admin'] as const;

/** The key, and a token made from it. */
const both = async (set: StageSet, key: string, about: Omit<Principal, 'token'>): Promise<Principal[]> => [
  { ...about, name: `${about.name}, key`, token: key, isThorough: about.kind === 'foreign' },
  { ...about, name: `${about.name}, token`, token: await set.tokenOf(key) },
];

const members = async (set: StageSet): Promise<Principal[]> => {
  const { mine, theirs } = set;
  const made: Principal[] = [];
  for (const role of ROLES) {
    const foreign = await set.hold(mine.projectId, role);
    const about = {
      name: `${role} of another project`,
      kind: 'foreign',
      role,
      code: 'project_not_found',
    } as const;
    made.push(...(await both(set, foreign.key, about)));
  }
  for (const role of ROLES) {
    const low = await set.hold(theirs.projectId, role);
    made.push(...(await both(set, low.key, { name: role, kind: 'low', role, code: 'forbidden' })));
    const lesser = await set.hold(theirs.projectId, 'admin', {}, { role });
    made.push(
      ...(await both(set, lesser.key, {
        name: `admin with a key of a ${role}`,
        kind: 'low',
        role,
        code: 'forbidden',
      })),
    );
  }
  const as = (agentId: string): object => ({ kind: 'agent', agentId });
  const spoken = await set.hold(mine.projectId, 'agent', as('ada'));
  const foreignAgent = { name: 'agent of another project, bound', kind: 'foreign', role: 'agent' } as const;
  made.push(...(await both(set, spoken.key, { ...foreignAgent, code: 'project_not_found' })));
  for (const role of ['agent', 'admin'] as const) {
    const bound = await set.hold(theirs.projectId, role, as(`mallory-${role}`));
    const about = { name: `${role} who speaks as another agent`, kind: 'otherAgent', role } as const;
    made.push(...(await both(set, bound.key, { ...about, code: 'not_your_agent' })));
  }
  return made;
};

/** Everything that is no credential, or one no longer. */
const nobodies = async (set: StageSet): Promise<Principal[]> => {
  const { run, theirs } = set;
  const { projectId } = theirs;
  const admin = await set.hold(projectId, 'admin');
  const revoked = await set.hold(projectId, 'admin');
  const removed = await set.hold(projectId, 'admin');
  const rotated = await set.hold(projectId, 'admin');
  const expired = await set.hold(projectId, 'admin', {}, { expiresAt: '2020-01-01T00:00:00.000Z' });
  const tokens = [revoked, removed, rotated].map(({ key }) => set.tokenOf(key));
  const [ofRevoked, ofRemoved, ofRotated] = await Promise.all(tokens);
  await run('key.revoke', projectId, { keyId: revoked.keyId });
  await run('member.remove', projectId, { memberId: removed.memberId });
  await run('key.rotate', projectId, { keyId: rotated.keyId, overlapMs: 0 });
  const nobody = (name: string, token: string | undefined, code = 'unauthorized'): Principal => ({
    name,
    kind: 'nobody',
    token,
    code,
  });
  const token = await set.tokenOf(admin.key);
  return [
    nobody('nobody', undefined),
    nobody('a text', 'letmein'),
    nobody('a key with a typo', `${admin.key.slice(0, -1)}${admin.key.endsWith('0') ? '1' : '0'}`),
    nobody('a key of nobody', makeKey(uuidv7(), 'live').text),
    nobody('an admin’s key id with another secret', makeKey(admin.keyId, 'live').text),
    nobody('an owner’s key id with another secret', makeKey(parseKey(set.owner)?.keyId ?? '', 'live').text),
    nobody('a token with a broken signature', `${token.slice(0, -6)}AAAAAA`, 'token_invalid'),
    nobody('an expired key', expired.key, 'key_expired'),
    nobody('a revoked key', revoked.key, 'key_revoked'),
    nobody('a token of a revoked key', ofRevoked, 'key_revoked'),
    nobody('a removed member’s key', removed.key, 'key_revoked'),
    nobody('a removed member’s token', ofRemoved, 'key_revoked'),
    nobody('a key rotated without overlap', rotated.key, 'key_expired'),
    nobody('a token of a key rotated without overlap', ofRotated, 'key_expired'),
  ];
};

export const makePrincipals = async (set: StageSet): Promise<Principal[]> => [
  ...(await members(set)),
  ...(await nobodies(set)),
];
