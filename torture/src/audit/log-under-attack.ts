import { createHash } from 'node:crypto';
import { recordText } from '@agentmix/act-contract';
import type { AuditRecord } from '@agentmix/act-contract';
import type { Database } from '../checkers/database.ts';

/** A row of act.log as the database writes it in JSON. */
export interface LogRow {
  project_id: string;
  first_seq: number;
  last_seq: number;
  at: string;
  command_ids: string[];
  actors: string[];
  event_counts: number[];
  fingerprints: number[];
  id_high: number;
  events: string;
  previous_hash: string;
  hash: string;
}

const recordOf = (row: LogRow): AuditRecord => ({
  projectId: row.project_id,
  firstSeq: row.first_seq,
  lastSeq: row.last_seq,
  at: Date.parse(row.at),
  commandIds: row.command_ids,
  actors: row.actors,
  eventCounts: row.event_counts,
  fingerprints: row.fingerprints,
  idHigh: row.id_high,
  eventsText: row.events,
  previousHash: row.previous_hash,
  hash: row.hash,
});

/** The hash that a row would have to carry, by the hub’s own rule, which whoever tampers knows too. */
export const hashOf = (row: LogRow): string =>
  createHash('sha256')
    .update(recordText(recordOf(row)))
    .digest('hex');

/** One project’s log, for whoever may write to it directly; it can be put back as it was. */
export class LogUnderAttack {
  readonly projectId: string;
  readonly rows: readonly LogRow[];
  readonly #database: Database;

  private constructor(database: Database, projectId: string, rows: readonly LogRow[]) {
    this.#database = database;
    this.projectId = projectId;
    this.rows = rows;
  }

  /** Takes the log as it is now for what it shall be after each attack. */
  static async open(database: Database, projectId: string): Promise<LogUnderAttack> {
    await database.rows('drop table if exists public.sound_log, public.sound_project');
    await database.rows(
      `create table public.sound_log as select * from act.log where project_id = '${projectId}'`,
    );
    await database.rows(
      `create table public.sound_project as select * from act.projects where id = '${projectId}'`,
    );
    const found = await database.rows<{ row: LogRow }>(
      'select to_jsonb(l) as row from public.sound_log l order by last_seq',
    );
    return new LogUnderAttack(
      database,
      projectId,
      found.map(({ row }) => row),
    );
  }

  /** Writes a row in the place of the one that ends at a sequence number. */
  async replace(lastSeq: number, row: LogRow): Promise<void> {
    await this.remove(lastSeq);
    await this.insert(row);
  }

  async insert(row: LogRow): Promise<void> {
    await this.#database.rows(
      'insert into act.log select (jsonb_populate_record(null::act.log, $1::jsonb)).*',
      [JSON.stringify(row)],
    );
  }

  async remove(lastSeq: number): Promise<void> {
    await this.#database.rows('delete from act.log where project_id = $1 and last_seq = $2', [
      this.projectId,
      lastSeq,
    ]);
  }

  async removeAfter(lastSeq: number): Promise<void> {
    await this.#database.rows('delete from act.log where project_id = $1 and last_seq > $2', [
      this.projectId,
      lastSeq,
    ]);
  }

  /** What the project’s own row says of the end of its log. */
  async setEnd({ last_seq: lastSeq, hash }: Pick<LogRow, 'last_seq' | 'hash'>): Promise<void> {
    await this.#database.rows('update act.projects set last_seq = $2, last_hash = $3 where id = $1', [
      this.projectId,
      lastSeq,
      hash,
    ]);
  }

  async restore(): Promise<void> {
    // A bit of the project’s id may have been flipped: what was moved away is put back by its hash.
    await this.#database.rows(
      `delete from act.log l where project_id = $1 or exists
         (select 1 from public.sound_log s where s.hash = l.hash and s.last_seq = l.last_seq)`,
      [this.projectId],
    );
    await this.#database.rows('insert into act.log select * from public.sound_log');
    await this.#database.rows(
      `update act.projects p set last_seq = s.last_seq, last_hash = s.last_hash from public.sound_project s where p.id = s.id`,
    );
  }
}
