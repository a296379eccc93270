/** What doors ask about members and keys, across projects; run with act.scope = 'hub'. */

const MEMBER_COLUMNS = `m.project_id, m.id as member_id, m.kind, m.role, m.agent_id, m.removed_at is not null as is_removed`;
const KEY_COLUMNS = `k.id as key_id, k.secret_hash, k.role as key_role, k.expires_at, k.revoked_at is not null as is_revoked`;
const KEYS_WITH_MEMBERS = `act.api_keys k join act.members m on m.project_id = k.project_id and m.id = k.member_id`;

export const FIND_KEY_SQL = `select ${MEMBER_COLUMNS}, ${KEY_COLUMNS} from ${KEYS_WITH_MEMBERS} where k.id = $1`;

const WITHOUT_KEY = `null::uuid as key_id, null as secret_hash, null as key_role, null::timestamptz as expires_at, false as is_revoked`;
export const FIND_MEMBER_SQL = `
select ${MEMBER_COLUMNS}, ${WITHOUT_KEY} from act.members m where m.project_id = $1 and m.id = $2`;

export const CHANGES_SQL = `
select ${MEMBER_COLUMNS}, ${KEY_COLUMNS} from ${KEYS_WITH_MEMBERS}
where k.changed_at > to_timestamp($1 / 1000.0) or m.changed_at > to_timestamp($1 / 1000.0)
union all
select ${MEMBER_COLUMNS}, ${WITHOUT_KEY} from act.members m where m.changed_at > to_timestamp($1 / 1000.0)`;

export const NOTE_USES_SQL = `
insert into act.key_uses (project_id, key_id, last_used_at)
select project_id, id, clock_timestamp() from act.api_keys where id = any ($1)
on conflict (project_id, key_id) do update set last_used_at = excluded.last_used_at`;

export interface CredentialRow {
  project_id: string;
  member_id: string;
  kind: 'human' | 'agent' | 'service';
  role: 'viewer' | 'agent' | 'coordinator' | 'admin' | 'owner';
  agent_id: string | null;
  is_removed: boolean;
  key_id: string | null;
  secret_hash: string | null;
  key_role: CredentialRow['role'] | null;
  expires_at: Date | null;
  is_revoked: boolean;
}
