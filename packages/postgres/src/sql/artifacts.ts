/** Statements of stored files; run with act.project_id set unless they say otherwise. */

export const BEGIN_UPLOAD_SQL = `select outcome, upload, taken from act.begin_upload($1, $2, $3, $4, $5, $6)`;
export interface BeginRow {
  outcome: 'begun' | 'stored' | 'full';
  upload: number | null;
  taken: number | null;
}

export const APPEND_CHUNKS_SQL = `select is_open from act.append_chunks($1, $2, $3, $4, $5, $6)`;
export const FINISH_UPLOAD_SQL = `select is_open from act.finish_upload($1, $2, $3, $4)`;

export const FIND_ARTIFACT_SQL = `
select bytes, sha256, name, media_type, key_id, wrapped_key from act.artifacts
where project_id = $1 and id = $2 and status = 'stored'`;
export interface ArtifactRow {
  bytes: number;
  sha256: string;
  name: string;
  media_type: string;
  key_id: string;
  wrapped_key: Buffer;
}

/** Only of a visible file: its content may not be read before, nor after. */
export const READ_CHUNKS_SQL = `
select c.number, c.ciphertext from act.artifact_chunks c
where c.project_id = $1 and c.artifact_id = $2 and c.number >= $3
  and exists (select from act.artifacts a where a.project_id = $1 and a.id = $2 and a.status = 'stored')
order by c.number limit $4`;

export interface ChunkRow {
  number: number;
  ciphertext: Buffer;
}

/** Judged twice: between finding and deleting an upload may have gone on, and a file may have been stored. */
const OVER = `project_id = $1 and status <> 'stored'
  and (status = 'deleted' or touched_at < clock_timestamp() - $2 * interval '1 millisecond')`;
export const SWEEP_SQL = `
delete from act.artifacts where ${OVER} and id in (select id from act.artifacts where ${OVER} limit $3)`;

export const KEYS_TO_REWRAP_SQL = `
select id, key_id, wrapped_key from act.artifacts
where project_id = $1 and key_id <> $2 and ($3::uuid is null or id > $3) order by id limit $4`;
export interface KeyRow {
  id: string;
  key_id: string;
  wrapped_key: Buffer;
}
export const REPLACE_KEY_SQL = `
update act.artifacts set key_id = $5, wrapped_key = $6
where project_id = $1 and id = $2 and key_id = $3 and wrapped_key = $4`;
