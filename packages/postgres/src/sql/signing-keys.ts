/** Statements about the keys that sign access tokens; run with act.scope = 'hub'. */

/** One row even without keys, so that the last number and the time are always told. */
export const LIST_KEYS_SQL = `
select k.number, k.kid, k.master_key_id, k.private_key, extract(epoch from k.created_at) * 1000 as created_at,
  (select coalesce(max(number), 0) from act.signing_keys) as last_number,
  extract(epoch from clock_timestamp()) * 1000 as now
from (select 1) as always left join act.signing_keys k on k.retired_at is null
order by k.number`;

export interface ListedKeyRow {
  number: number | null;
  kid: string;
  master_key_id: string;
  private_key: Buffer;
  created_at: string;
  last_number: number;
  now: string;
}

export const ADD_KEY_SQL = `
insert into act.signing_keys (number, kid, master_key_id, private_key) values ($1, $2, $3, $4)
on conflict (number) do nothing`;

export const RETIRE_KEY_SQL = `
update act.signing_keys set private_key = null, retired_at = clock_timestamp()
where kid = $1 and retired_at is null`;
