export interface LogRow {
  project_id: string;
  first_seq: number;
  last_seq: number;
  at: Date;
  command_ids: string[];
  actors: string[];
  event_counts: number[];
  fingerprints: number[];
  id_high: number;
  events: string;
  previous_hash: string;
  hash: string;
}

/**
 * Records after a cursor until their bytes exceed a budget, at least one, each with the bounds of the log; a row without
 * a record where there is none.
 */
export const READ_LOG_SQL = `
select p.start_seq, p.last_seq as end_seq, p.written_seq, l.* from act.projects p left join lateral (
  select * from (
    select r.*, sum(octet_length(events)) over (order by last_seq) - octet_length(events) as before
    from (select * from act.log where project_id = $1 and last_seq > $2 order by last_seq limit 1000) r
  ) counted where before < $3
) l on true where p.id = $1 order by l.last_seq`;

/**
 * The same, at most a few records: what a hub lacks that has its turn after others. Nothing in it makes a plan for its
 * values look better than the generic one, since to plan takes longer than to read so little.
 */
export const READ_LAST_SQL = `
select p.start_seq, p.last_seq as end_seq, p.written_seq, l.* from act.projects p left join lateral (
  select * from act.log where project_id = $1 and last_seq > $2 order by last_seq limit 16
) l on true where p.id = $1 order by l.last_seq`;

export type LogPartRow = Omit<BoundsRow, 'last_seq'> & { readonly end_seq: number } & (
    | LogRow
    | { readonly events: null }
  );

export const LOG_HEAD_SQL = `select start_seq, last_seq, last_hash from act.projects where id = $1`;
export const LOG_BOUNDS_SQL = `select start_seq, last_seq, written_seq from act.projects where id = $1`;

export interface BoundsRow {
  start_seq: number;
  last_seq: number;
  written_seq: number;
}

export interface HeadRow {
  start_seq: number;
  last_seq: number;
  last_hash: string;
}

/** The live state at one moment: a row per key, and one without a key where there is none. */
export const LIVE_STATE_AT_SQL = `
select p.last_seq, s.key, s.value from act.projects p left join act.live_state s on s.project_id = p.id
where p.id = $1 order by s.key collate "C"`;

export interface LiveStateRow {
  last_seq: number;
  key: string | null;
  value: unknown;
}

/** Records that hold one of these commands. A command id tells when it was made, so the search has a lower bound. */
export const FIND_COMMANDS_SQL = `
select command_ids, event_counts, fingerprints, events from act.log
where project_id = $1 and at >= $2 and command_ids && $3`;

/** Forgets old records of one project, except its last and, with $3, what is not carried yet; notes where the log starts now. */
export const TRIM_LOG_SQL = `
with bound as (
  select max(l.last_seq) as upto from act.log l
    join act.projects p on p.id = l.project_id join act.history h on h.project_id = l.project_id
  where l.project_id = $1 and l.at < $2 and l.last_seq < p.last_seq and l.last_seq <= p.written_seq and l.last_seq <= h.seq
    and (not $3 or l.last_seq <= (select r.seq from act.relays r where r.project_id = $1))
), gone as (
  delete from act.log using bound where project_id = $1 and last_seq <= bound.upto returning 1
), moved as (
  update act.projects set start_seq = bound.upto + 1 from bound where id = $1 and bound.upto is not null
)
select count(*)::int as trimmed from gone`;

/** Fills act.events from the log, about so many events at a time; one hub at a time, others skip. */
export const FILL_HISTORY_SQL = `
with progress as materialized (
  select seq from act.history where project_id = $1 for update skip locked
), source as materialized (
  select l.* from act.log l, progress 
  where l.project_id = $1 and l.last_seq > progress.seq and l.first_seq <= progress.seq + $2 order by l.last_seq
), filled as (
  insert into act.events (project_id, seq, type, agent_id, task_id, timestamp, priority, data)
  select s.project_id, (e ->> 'seq')::bigint, e ->> 'type', e ->> 'agentId', (e -> 'data' ->> 'taskId')::uuid, s.at,
    e ->> 'priority', e -> 'data'
  from source s, jsonb_array_elements(s.events::jsonb) e
  on conflict do nothing
)
update act.history set seq = (select max(last_seq) from source)
where project_id = $1 and exists (select 1 from source)
returning seq`;
export const START_HISTORY_SQL = `insert into act.history values ($1, 0) on conflict do nothing`;
