/** Roles of a project’s members, each with the rights of those before it. `owner` is a member of the hub itself. */
export const ROLES = ['viewer', 'agent', 'coordinator', 'admin', 'owner'] as const;
export type Role = (typeof ROLES)[number];

/** Whether a role includes the rights of another. */
export const includesRole = (role: Role, needed: Role): boolean =>
  ROLES.indexOf(role) >= ROLES.indexOf(needed);

/** The lesser of two roles: a key may hold less than its member, never more. */
export const lesserRole = (one: Role, other: Role): Role => (includesRole(one, other) ? other : one);

export const MEMBER_KINDS = ['human', 'agent', 'service'] as const;
export type MemberKind = (typeof MEMBER_KINDS)[number];

/**
 * The project whose members are the hub’s own and whose log is the hub’s log: `owner` is a role of its members only.
 * It is in no list of projects.
 */
export const HUB_PROJECT_ID = '00000000-0000-7000-8000-000000000000';
/** Who acted where no member did: the hub. */
export const HUB_ACTOR = '00000000-0000-0000-0000-000000000000';
