import { isFields } from '../payload.ts';
import { editJson } from './edit-json.ts';
import type { FileChange } from './ledger.ts';

/** Entries of hooks by the vendor's event names. */
export type HookTable = Readonly<Record<string, readonly unknown[]>>;

/** By this every entry of ours is known, whatever release wrote it. */
const OURS = 'act-hook.cjs';
export const isOurs = (entry: unknown): boolean => JSON.stringify(entry).includes(OURS);

const tableOf = (value: unknown): Record<string, readonly unknown[]> =>
  Object.fromEntries(
    Object.entries(isFields(value) ? value : {}).map(([event, entries]) => [
      event,
      Array.isArray(entries) ? entries : [entries],
    ]),
  );

const withoutOurs = (table: HookTable): Record<string, readonly unknown[]> =>
  Object.fromEntries(
    Object.entries(table)
      .map(([event, entries]) => [event, entries.filter((entry) => !isOurs(entry))] as const)
      .filter(([, entries]) => entries.length > 0),
  );

const merged = (table: HookTable, ours: HookTable): HookTable => {
  const rest = withoutOurs(table);
  for (const [event, entries] of Object.entries(ours)) rest[event] = [...(rest[event] ?? []), ...entries];
  return rest;
};

/** A JSON file with a table of hooks, which may have hooks of others, too: at `hooks`, or the file itself. */
export const hooksFile = (
  path: string,
  ours: HookTable,
  { at = 'hooks', version }: { readonly at?: 'hooks' | 'top'; readonly version?: number } = {},
): FileChange => {
  const change = (make: (table: HookTable) => HookTable) => (text: string | undefined) =>
    editJson(path, text, (content) =>
      at === 'top'
        ? make(tableOf(content))
        : {
            ...(version === undefined ? {} : { version }),
            ...content,
            hooks: make(tableOf(content['hooks'])),
          },
    );
  return {
    path,
    edit: change((table) => merged(table, ours)),
    undo: change(withoutOurs),
  };
};
