import type { Changes } from '@agentmix/act-core';
import type { ProjectRows } from './rows.ts';

/** Rows of members and keys, from a batch’s changes. Removed members and revoked keys keep theirs. */
export const writeAccessRows = (rows: ProjectRows, changes: Changes, at: number, clock: number): void => {
  for (const member of changes.members.values()) rows.members.set(member.id, { ...member, changedAt: clock });
  for (const id of changes.removedMembers) {
    const row = rows.members.get(id);
    if (row) rows.members.set(id, { ...row, removedAt: at, changedAt: clock });
  }
  for (const { memberId, name } of changes.names) rows.people.set(memberId, name);
  const secrets = new Map(changes.secrets.map(({ keyId, secretHash }) => [keyId, secretHash]));
  for (const key of changes.keys.values()) {
    const known = rows.keys.get(key.id);
    const revoked = key.isRevoked ? { revokedAt: known?.revokedAt ?? at } : {};
    const secretHash = secrets.get(key.id) ?? known?.secretHash ?? '';
    rows.keys.set(key.id, { ...known, ...key, ...revoked, secretHash, changedAt: clock });
  }
};
