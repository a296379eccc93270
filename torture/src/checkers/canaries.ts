import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from './database.ts';

/** Bytes that must not be found, in the forms in which they might have been written. */
export interface Needles {
  readonly texts: readonly string[];
  readonly buffers: readonly Buffer[];
}

/** The base64 of bytes that stand somewhere in other bytes: at each of three offsets, without the edges. */
const insideBase64 = (bytes: Buffer, encoding: 'base64' | 'base64url'): string[] =>
  [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString(encoding)
      .replace(/=+$/, '');
    return text.slice(Math.ceil((offset * 4) / 3), -2);
  });

const needles = (texts: readonly string[], raw: readonly Buffer[] = []): Needles => {
  const unique = [...new Set(texts)];
  return { texts: unique, buffers: [...unique.map((text) => Buffer.from(text)), ...raw] };
};

/** A text: plain, in hexadecimal, and in base64 wherever in other text it stands. */
export const textNeedles = (text: string): Needles => {
  const bytes = Buffer.from(text);
  return needles([
    text,
    bytes.toString('hex'),
    ...insideBase64(bytes, 'base64'),
    ...insideBase64(bytes, 'base64url'),
  ]);
};

/** Keys: as bytes, in hexadecimal and in base64. */
export const keyNeedles = (keys: readonly Buffer[]): Needles =>
  needles(
    keys.flatMap((key) => (['hex', 'base64', 'base64url'] as const).map((form) => key.toString(form))),
    keys,
  );

export const together = (one: Needles, other: Needles): Needles => ({
  texts: [...one.texts, ...other.texts],
  buffers: [...one.buffers, ...other.buffers],
});

export interface Searched {
  /** Rows, files or streams looked through, and their bytes. */
  readonly things: number;
  readonly bytes: number;
  /** Where a needle was found. */
  readonly found: readonly string[];
}

/** Every row of every table, the system’s own included, as text. */
export const searchTables = async (database: Database, { texts }: Needles): Promise<Searched> => {
  const tables = await database.rows<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'm', 'p')`,
  );
  const found: string[] = [];
  const total = { things: 0, bytes: 0 };
  for (const { name } of tables) {
    const [row] = await database.rows<{ rows: string; bytes: string; hits: string }>(
      `select count(*) as rows, coalesce(sum(length(t::text)), 0) as bytes, count(*) filter (where exists (
         select 1 from unnest($1::text[]) needle where strpos(t::text, needle) > 0)) as hits from ${name} t`,
      [texts],
    );
    total.things += Number(row?.rows);
    total.bytes += Number(row?.bytes);
    if (row && Number(row.hits) > 0) found.push(`${name}: ${row.hits} rows`);
  }
  return { ...total, found };
};

const filesBelow = (path: string): string[] =>
  readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    const inside = join(path, entry.name);
    return entry.isDirectory() ? filesBelow(inside) : entry.isFile() ? [inside] : [];
  });

const readIfThere = (path: string): Buffer | undefined => {
  try {
    return readFileSync(path);
  } catch (error) {
    // The server removes files while it works.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
};

/** Every file below a directory, byte for byte: tables, their write-ahead log, the server's log. */
export const searchFiles = (paths: readonly string[], { buffers }: Needles): Searched => {
  const found: string[] = [];
  const total = { things: 0, bytes: 0 };
  for (const path of paths) {
    const content = readIfThere(path);
    if (!content) continue;
    total.things++;
    total.bytes += content.length;
    if (buffers.some((needle) => content.includes(needle))) found.push(path);
  }
  return { ...total, found };
};

export const searchDirectory = (path: string, needles: Needles): Searched =>
  searchFiles(filesBelow(path), needles);

export const searchTexts = (
  texts: ReadonlyMap<string, readonly string[]>,
  { texts: words }: Needles,
): Searched => {
  const found: string[] = [];
  const total = { things: 0, bytes: 0 };
  for (const [name, parts] of texts) {
    const text = parts.join('\n');
    total.things += parts.length;
    total.bytes += text.length;
    if (words.some((word) => text.includes(word))) found.push(name);
  }
  return { ...total, found };
};
