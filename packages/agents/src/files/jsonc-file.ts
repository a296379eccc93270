import { findNodeAtLocation, getNodeValue } from 'jsonc-parser';
import type { JSONPath } from 'jsonc-parser';
import { isFields } from '../payload.ts';
import { treeOf, withItem, withoutItem } from './edit-jsonc.ts';
import type { Item } from './edit-jsonc.ts';
import { isOurs } from './hook-groups.ts';
import type { HookTable } from './hook-groups.ts';
import type { FileChange } from './ledger.ts';
import { MCP_NAME, mcpCommand } from './mcp-entries.ts';

type ValueAt = (path: JSONPath) => unknown;

/** What an absent file is taken for: so ours gets lines of its own. */
const EMPTY = '{\n}\n';

/** A file of JSON with comments. Throws for what is none: a file that we cannot read we do not rewrite. */
const jsoncFile = (
  path: string,
  items: readonly Item[],
  findOurs: (valueAt: ValueAt) => readonly JSONPath[],
): FileChange => {
  const read = (text: string): { valueAt: ValueAt; ours: readonly JSONPath[] } => {
    const root = treeOf(text);
    if (!root)
      throw new Error(`${path} is no JSON object, with comments or without: correct it, then run this again`);
    const valueAt = (at: JSONPath): unknown => {
      const node = findNodeAtLocation(root, at);
      return node && getNodeValue(node);
    };
    return { valueAt, ours: findOurs(valueAt) };
  };
  // From the last: the places of those before stay as they are.
  const undo = (text: string): string => read(text).ours.toReversed().reduce(withoutItem, text);
  const edit = (before: string | undefined): string => {
    const text = before === undefined || before.trim() === '' ? EMPTY : before;
    const { valueAt, ours } = read(text);
    const isThere = ({ at, value }: Item): boolean =>
      ours.some(
        (place) =>
          JSON.stringify(place.slice(0, -1)) === JSON.stringify(at) &&
          JSON.stringify(valueAt(place)) === JSON.stringify(value),
      );
    if (ours.length === items.length && items.every(isThere)) return text;
    try {
      return items.reduce(withItem, undo(text));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`${path} cannot be edited, ${reason}: correct it, then run this again`, {
        cause: error,
      });
    }
  };
  return { path, edit, undo };
};

/** Hooks under the key `hooks` of a file of JSON with comments, where others may have theirs, too. */
export const jsoncHooksFile = (path: string, ours: HookTable): FileChange => {
  const items = Object.entries(ours).flatMap(([event, entries]) =>
    entries.map((value) => ({ at: ['hooks', event], value })),
  );
  return jsoncFile(path, items, (valueAt) => {
    const table = valueAt(['hooks']);
    return Object.keys(isFields(table) ? table : {}).flatMap((event) => {
      const entries = valueAt(['hooks', event]);
      return (Array.isArray(entries) ? entries : []).flatMap((entry, at) =>
        isOurs(entry) ? [['hooks', event, at]] : [],
      );
    });
  });
};

/** `mcpServers` in a file of JSON with comments. */
export const jsoncMcpFile = (path: string, act: readonly string[]): FileChange => {
  const at = ['mcpServers'];
  return jsoncFile(path, [{ at, key: MCP_NAME, value: mcpCommand(act) }], (valueAt) =>
    valueAt([...at, MCP_NAME]) === undefined ? [] : [[...at, MCP_NAME]],
  );
};
