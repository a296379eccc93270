import type pg from 'pg';

/** A project of the arena. Its ids and texts carry its letter, so that they are known wherever they turn up. */
export interface Project {
  readonly letter: 'a' | 'b';
  readonly id: string;
}

/** A table of schema act; `column` says which project a row is of, absent where rows are of none. */
export interface Table {
  readonly name: string;
  readonly column?: string;
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly length: number | null;
  readonly nullable: boolean;
  /** The first word that a check of the column's own allows. */
  readonly word: string | null;
}

const TABLES_SQL = `
select c.relname as name, (select a.attname from pg_attribute a where a.attrelid = c.oid
    and a.attname = case c.relname when 'projects' then 'id' else 'project_id' end) as column
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = 'act' and c.relkind in ('r', 'p') order by c.relname <> 'projects', c.relname`;

const COLUMNS_SQL = `
select a.attname as name, t.typname as type, nullif(a.atttypmod, -1) - 4 as length, not a.attnotnull as nullable, (
    select substring(pg_get_constraintdef(k.oid) from '''([^'']+)''') from pg_constraint k
    where k.conrelid = a.attrelid and k.contype = 'c' and k.conkey = array[a.attnum] limit 1) as word
from pg_attribute a join pg_type t on t.oid = a.atttypid
where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum`;

export const readTables = async (superuser: pg.Client): Promise<Table[]> => {
  const { rows } = await superuser.query<{ name: string; column: string | null }>(TABLES_SQL);
  return rows.map(({ name, column }) => ({ name, ...(column === null ? {} : { column }) }));
};

export const rowId = ({ letter }: Project, row: number): string =>
  `0${row.toString(16).padStart(7, '0')}-${letter.repeat(4)}-7${letter.repeat(3)}-8${letter.repeat(3)}-${row.toString(16).padStart(12, '0')}`;

export const makeProject = (letter: Project['letter']): Project => ({
  letter,
  id: rowId({ letter, id: '' }, 0),
});

export const secretOf = ({ letter }: Project, row: number): string => `${letter}-secret-${row}`;

const valueOf = (column: Column, project: Project, row: number): unknown => {
  if (column.name === 'project_id') return project.id;
  const { type, word, length } = column;
  if (type === 'uuid') return column.nullable ? null : rowId(project, row);
  if (type.startsWith('_')) return ['_text', '_varchar'].includes(type) ? [secretOf(project, row)] : [];
  if (type === 'jsonb' || type === 'json') return JSON.stringify({ secret: secretOf(project, row) });
  if (type === 'bytea') return Buffer.from(secretOf(project, row));
  if (type === 'timestamptz') return new Date().toISOString();
  if (type === 'bool') return false;
  if (['int2', 'int4', 'int8', 'numeric', 'float4', 'float8'].includes(type))
    return column.name === 'priority' ? row % 5 : row;
  return word ?? secretOf(project, row).slice(0, length ?? undefined);
};

/** Fills every table that belongs to projects, whatever its columns; as superuser, foreign keys aside. */
export const fill = async (
  superuser: pg.Client,
  tables: readonly Table[],
  project: Project,
  rows: number,
): Promise<void> => {
  await superuser.query('set session_replication_role = replica');
  for (const { name, column } of tables.filter((table) => table.column !== undefined)) {
    const { rows: columns } = await superuser.query<Column>(COLUMNS_SQL, [`act.${name}`]);
    const names = columns.map((one) => one.name).join(', ');
    const places = columns.map((_, at) => `$${at + 1}`).join(', ');
    for (let row = 1; row <= rows; row++) {
      const values = columns.map((one) => (one.name === column ? project.id : valueOf(one, project, row)));
      // Tables with one row for a project take the first and no more.
      await superuser.query(
        `insert into act.${name} (${names}) values (${places}) on conflict do nothing`,
        values,
      );
    }
  }
  await superuser.query('set session_replication_role = origin');
};
