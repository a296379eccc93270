import type { QueryInput, QueryOutput } from '@agentmix/act-contract';
import type { StoredQueryName } from '@agentmix/act-core';
import type pg from 'pg';
import { readBriefing } from './briefing.ts';
import { readInScope } from './connection.ts';
import * as privacy from './sql/privacy.ts';
import * as sql from './sql/queries.ts';

/** A wire value from a column: dates in ISO 8601, absent instead of null. */
const wireValue = (value: unknown): unknown => (value instanceof Date ? value.toISOString() : value);
const camelCase = (column: string): string =>
  column.replace(/_(\w)/g, (_match, letter: string) => letter.toUpperCase());

/** Columns that always hold a JSON value, which may be null. */
const JSON_COLUMNS = new Set(['value', 'content']);

/** Columns are named as the contract’s fields, in snake case. */
const wireRow = (row: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(row)
      .filter(([column, value]) => value !== null || JSON_COLUMNS.has(column))
      .map(([column, value]) => [camelCase(column), wireValue(value)]),
  );

interface Page {
  readonly limit: number;
  readonly after?: string | undefined;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** A cursor of another shape is from no page of ours: it is read as the beginning. */
const uuidCursor = ({ after }: Page): string | null =>
  after !== undefined && UUID.test(after) ? after : null;
const textCursor = ({ after }: Page): string | null => after ?? null;

type Run = (text: string, values: unknown[]) => Promise<Record<string, unknown>[]>;

/** Asks for one row more than the page holds, to know whether there is a next one. */
const page = async (
  run: Run,
  text: string,
  values: unknown[],
  { limit }: Page,
  key: string,
): Promise<{ items: unknown[]; next?: string }> => {
  const rows = await run(text, values);
  const items = rows.slice(0, limit);
  const last = items.at(-1)?.[key];
  return { items, ...(rows.length > limit && typeof last === 'string' ? { next: last } : {}) };
};

type Reader<N extends StoredQueryName> = (
  run: Run,
  projectId: string,
  input: QueryInput<N>,
) => Promise<unknown>;

const OPEN_TASKS_MAX = 100_000;

const NO_TASKS = { pending: 0, ready: 0, claimed: 0, blocked: 0, completed: 0, failed: 0, cancelled: 0 };

const countTasks = async (run: Run, projectId: string): Promise<Record<string, unknown>> => {
  const counts = await run(sql.COUNTS, [projectId]);
  return { ...NO_TASKS, ...Object.fromEntries(counts.map((row) => [row['status'], row['count']])) };
};

const snapshot: Reader<'project.snapshot'> = async (run, projectId) => {
  const [project] = await run(sql.PROJECT_GET, [projectId]);
  if (!project) return undefined;
  const everything = 100_000;
  return {
    seq: project['seq'],
    project,
    phases: await run(sql.PHASE_LIST, [projectId, null, everything]),
    agents: await run(sql.AGENT_LIST, [projectId, null, everything, null]),
    tasks: await run(sql.OPEN_TASKS, [projectId, OPEN_TASKS_MAX]),
    counts: await countTasks(run, projectId),
  };
};

const exportMember: Reader<'privacy.export'> = async (run, projectId, input) => {
  const { memberId, limit } = input;
  const [member] = await run(privacy.MEMBER_GET, [projectId, memberId]);
  if (!member) return undefined;
  const [erasure] = await run(privacy.ERASURE_GET, [projectId, memberId]);
  const keys = await run(privacy.MEMBER_KEYS, [projectId, memberId]);
  const values = [projectId, memberId, uuidCursor(input), limit + 1];
  const { items, ...next } = await page(run, privacy.MEMBER_MESSAGES, values, input, 'id');
  return { member, ...erasure, keys, messages: items, ...next };
};

const readers: { readonly [N in StoredQueryName]: Reader<N> } = {
  'project.list': (run, _projectId, input) =>
    page(run, sql.PROJECT_LIST, [uuidCursor(input), input.limit + 1], input, 'id'),
  'project.get': async (run, projectId) => (await run(sql.PROJECT_GET, [projectId]))[0],
  'project.snapshot': snapshot,
  'member.list': (run, projectId, input) =>
    page(run, sql.MEMBER_LIST, [projectId, uuidCursor(input), input.limit + 1], input, 'id'),
  'key.list': (run, projectId, input) =>
    page(run, sql.KEY_LIST, [projectId, uuidCursor(input), input.limit + 1], input, 'id'),
  'privacy.export': exportMember,
  'phase.list': (run, projectId, input) =>
    page(run, sql.PHASE_LIST, [projectId, uuidCursor(input), input.limit + 1], input, 'id'),
  'task.list': (run, projectId, input) => {
    const values = [
      projectId,
      uuidCursor(input),
      input.limit + 1,
      input.status ?? null,
      input.phaseId ?? null,
      input.key ?? null,
    ];
    return page(run, sql.TASK_LIST, values, input, 'id');
  },
  'task.get': async (run, projectId, { taskId }) => (await run(sql.TASK_GET, [projectId, taskId]))[0],
  'agent.list': (run, projectId, input) =>
    page(
      run,
      sql.AGENT_LIST,
      [projectId, textCursor(input), input.limit + 1, input.agentId ?? null],
      input,
      'id',
    ),
  'agent.briefing': async (run, projectId, { agentId }) => {
    const briefing = await readBriefing(run, projectId, agentId);
    return briefing && { ...briefing, counts: await countTasks(run, projectId) };
  },
  'message.list': (run, projectId, input) =>
    page(
      run,
      input.newestFirst ? sql.MESSAGE_LIST_NEWEST : sql.MESSAGE_LIST,
      [projectId, uuidCursor(input), input.limit + 1, input.agentId, input.unread, input.toAll],
      input,
      'id',
    ),
  'assistance.list': (run, projectId, input) =>
    page(run, sql.ASSISTANCE_LIST, [projectId, uuidCursor(input), input.limit + 1], input, 'id'),
  'state.list': (run, projectId, input) =>
    page(run, sql.STATE_LIST, [projectId, textCursor(input), input.limit + 1], input, 'key'),
  'state.get': async (run, projectId, { key }) => (await run(sql.STATE_GET, [projectId, key]))[0],
  'file.list': (run, projectId, input) =>
    page(run, sql.FILE_LIST, [projectId, textCursor(input), input.limit + 1], input, 'filePath'),
  'conflict.list': (run, projectId, input) =>
    page(run, sql.CONFLICT_LIST, [projectId, uuidCursor(input), input.limit + 1], input, 'id'),
  'reservation.list': (run, projectId, input) => {
    const { limit, path, agentId } = input;
    const values = [projectId, uuidCursor(input), limit + 1, path ?? null, agentId ?? null];
    return page(run, sql.RESERVATION_LIST, values, input, 'id');
  },
  'prediction.list': async (run, projectId, { after, limit, agentId }) => {
    const rows = await run(sql.PREDICTION_LIST, [projectId, after, limit + 1, agentId ?? null]);
    const items = rows.slice(0, limit);
    return { items, ...(rows.length > limit ? { next: items.at(-1)?.['seq'] } : {}) };
  },
  'artifact.list': (run, projectId, input) => {
    const values = [projectId, uuidCursor(input), input.limit + 1, input.taskId ?? null];
    return page(run, sql.ARTIFACT_LIST, values, input, 'id');
  },
  'artifact.get': async (run, projectId, { artifactId }) =>
    (await run(sql.ARTIFACT_GET, [projectId, artifactId]))[0],
  'event.list': async (run, projectId, input) => {
    const values = [
      projectId,
      input.after,
      input.limit + 1,
      input.taskId ?? null,
      input.agentId ?? null,
      input.type ?? null,
    ];
    const rows = await run(sql.EVENT_LIST, values);
    const items = rows.slice(0, input.limit);
    return { items, ...(rows.length > input.limit ? { next: items.at(-1)?.['seq'] } : {}) };
  },
};

/** Answers one query of the contract from the rows, in one snapshot; undefined when the thing asked for is not there. */
export const runQuery = <N extends StoredQueryName>(
  pool: pg.Pool,
  name: N,
  projectId: string,
  input: QueryInput<N>,
): Promise<QueryOutput<N> | undefined> =>
  readInScope(pool, name === 'project.list' ? 'hub' : { projectId }, async (client) => {
    const run: Run = async (text, values) =>
      (await client.query<Record<string, unknown>>(text, values)).rows.map(wireRow);
    // The columns were chosen to be the contract’s fields; the acceptance suite parses every answer by its schema.
    return (await readers[name](run, projectId, input)) as QueryOutput<N> | undefined;
  });
