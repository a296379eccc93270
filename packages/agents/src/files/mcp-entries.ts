import { isFields } from '../payload.ts';
import { withBlock, withoutBlock } from './block.ts';
import { editJson } from './edit-json.ts';
import type { FileChange } from './ledger.ts';

/** How a client starts our server of MCP tools; in folders that were never joined it has none. */
export const mcpCommand = (act: readonly string[]): { command: string; args: readonly string[] } => {
  const [command = '', ...words] = act;
  return { command, args: [...words, 'mcp', '--joined'] };
};

/** What our server is called wherever a client names its servers. */
export const MCP_NAME = 'act';

/** A JSON file with `mcpServers`, as most clients have one. */
export const mcpJsonFile = (path: string, act: readonly string[]): FileChange => {
  const change = (ours: object) => (text: string | undefined) =>
    editJson(path, text, (content) => {
      const { [MCP_NAME]: _ours, ...rest } = isFields(content['mcpServers']) ? content['mcpServers'] : {};
      return { ...content, mcpServers: { ...rest, ...ours } };
    });
  return { path, edit: change({ [MCP_NAME]: mcpCommand(act) }), undo: change({}) };
};

const BLOCK = { first: '# ACT Hub: act join put this here', last: '# ACT Hub: end' };
/** The same table twice is no TOML. */
const THEIRS = /^\s*\[\s*mcp_servers\s*\.\s*"?act"?\s*[\].]/m;

/** Codex’s TOML: a table at the end, between two comments; every other line stays as it is. */
export const mcpTomlFile = (path: string, act: readonly string[]): FileChange => ({
  path,
  edit(before) {
    if (before !== undefined && THEIRS.test(withoutBlock(before, BLOCK))) return before;
    const { command, args } = mcpCommand(act);
    const table = [
      `[mcp_servers.${MCP_NAME}]`,
      `command = ${JSON.stringify(command)}`,
      `args = ${JSON.stringify(args)}`,
    ];
    return withBlock(before, BLOCK, table);
  },
  undo: (now) => withoutBlock(now, BLOCK),
});
