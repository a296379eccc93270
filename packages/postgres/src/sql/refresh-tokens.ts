/** Statements about refresh tokens; run with act.scope = 'hub'. */

export const OPEN_FAMILY_SQL = `
with crowded_out as (
  delete from act.refresh_families where id in (
    select id from act.refresh_families where key_id = $5 order by opened_at desc, id offset $8 - 1
  )
)
insert into act.refresh_families (id, secret_hash, member_id, project_id, key_id, expires_at, idle_until)
values ($1, $2, $3, $4, $5, clock_timestamp() + $6 * interval '1 millisecond',
  clock_timestamp() + $7 * interval '1 millisecond')`;

/**
 * A compare-and-set of the valid token’s hash. Who does not have it, or comes too late, ends the family: the row is
 * deleted unless it was updated. A second caller with the same token waits for the first one’s row lock, finds another
 * hash, and ends what the first one got.
 */
export const ROTATE_SQL = `
with spent as (
  update act.refresh_families set secret_hash = $3, idle_until = clock_timestamp() + $4 * interval '1 millisecond'
  where id = $1 and secret_hash = $2 and least(expires_at, idle_until) > clock_timestamp()
  returning member_id, project_id, key_id, least(expires_at, idle_until) as expires_at
), ended as (
  delete from act.refresh_families where id = $1 and not exists (select from spent)
  returning least(expires_at, idle_until) <= clock_timestamp() as is_expired
)
select 'rotated' as outcome, member_id, project_id, key_id, extract(epoch from expires_at) * 1000 as expires_at
from spent
union all
select case when is_expired then 'expired' else 'reused' end, null, null, null, null from ended`;

export type RotatedRow =
  | { outcome: 'rotated'; member_id: string; project_id: string; key_id: string; expires_at: string }
  | { outcome: 'expired' | 'reused' };

export const FORGET_EXPIRED_SQL = `
delete from act.refresh_families where expires_at <= clock_timestamp() or idle_until <= clock_timestamp()`;
