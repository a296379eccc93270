import type { AccessStore, Credential } from '@agentmix/act-core';
import { defined } from '@agentmix/act-core';
import type { KeyRow, MemberRow, ProjectRows } from './rows.ts';

const credentialOf = (projectId: string, member: MemberRow, key?: KeyRow): Credential => ({
  projectId,
  memberId: member.id,
  kind: member.kind,
  role: member.role,
  ...defined({ agentId: member.agentId }),
  isRemoved: member.removedAt !== undefined,
  ...(key
    ? {
        key: {
          id: key.id,
          secretHash: key.secretHash,
          ...defined({ role: key.role, expiresAt: key.expiresAt }),
          isRevoked: key.isRevoked,
        },
      }
    : {}),
});

/** Members and keys as doors ask for them. */
export const makeAccessStore = (
  projects: ReadonlyMap<string, ProjectRows>,
  clock: () => number,
): AccessStore => {
  const credentials = function* (): Generator<{ changedAt: number; credential: Credential }> {
    for (const [projectId, rows] of projects) {
      for (const member of rows.members.values())
        yield { changedAt: member.changedAt, credential: credentialOf(projectId, member) };
      for (const key of rows.keys.values()) {
        const member = rows.members.get(key.memberId);
        if (!member) continue;
        const changedAt = Math.max(member.changedAt, key.changedAt);
        yield { changedAt, credential: credentialOf(projectId, member, key) };
      }
    }
  };
  return {
    findKey: async (keyId) => {
      for (const { credential } of credentials()) if (credential.key?.id === keyId) return credential;
      return undefined;
    },
    findMember: async (projectId, memberId) => {
      const member = projects.get(projectId)?.members.get(memberId);
      return member && credentialOf(projectId, member);
    },
    accessChanges: async (since) => ({
      now: clock(),
      credentials: [...credentials()]
        .filter(({ changedAt }) => changedAt > since)
        .map(({ credential }) => credential),
    }),
    noteUses: async (keyIds) => {
      for (const { keys } of projects.values())
        for (const id of keyIds) {
          const key = keys.get(id);
          if (key) key.lastUsedAt = clock();
        }
    },
  };
};
