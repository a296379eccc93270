import { mcpCommand, MCP_NAME } from '../../files/mcp-entries.ts';
import type { Setup } from '../client-files.ts';
import { hookPath } from '../hook-path.ts';

const HOOK_MS = 3_000;

/**
 * What opencode loads: it calls no hook programs, only functions, so these call ours. A session begins with its first
 * message in a process, whether it is new or resumed; it ends with the process. Whatever goes wrong here stops nobody.
 */
export const pluginText = (setup: Setup): string => {
  const { command, args } = mcpCommand(setup.act);
  return `// ACT Hub: act join put this here.
import { execFile, spawnSync } from 'node:child_process';

const NODE = ${JSON.stringify(setup.node)};
const HOOK = ${JSON.stringify(hookPath(setup))};
const MCP = ${JSON.stringify({ type: 'local', command: [command, ...args], enabled: true })};
const EDIT_TOOLS = ['edit', 'write', 'apply_patch'];

export const Act = async ({ directory }) => {
  const open = new Set();
  const payload = (session_id, more) => JSON.stringify({ session_id, cwd: directory, ...more });
  const call = (moment, session, more) =>
    new Promise((resolve) => {
      const child = execFile(NODE, [HOOK, 'opencode', moment], { timeout: ${HOOK_MS} }, (_error, stdout) => {
        try {
          resolve(JSON.parse(stdout));
        } catch {
          resolve({});
        }
      });
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(payload(session, more));
    });
  process.on('exit', () => {
    for (const session of open)
      spawnSync(NODE, [HOOK, 'opencode', 'end'], { input: payload(session), timeout: ${HOOK_MS} });
  });
  return {
    config: async (config) => {
      config.mcp = { ${MCP_NAME}: MCP, ...config.mcp };
    },
    'shell.env': async ({ sessionID }, { env }) => {
      if (sessionID && open.has(sessionID)) env.ACT_AGENT = \`opencode:\${sessionID}\`;
    },
    'chat.message': async ({ sessionID }, { parts }) => {
      const { context } = await call(open.has(sessionID) ? 'prompt' : 'start', sessionID);
      open.add(sessionID);
      const [first] = parts;
      if (context && first)
        parts.push({ ...first, id: \`\${first.id}act\`, type: 'text', text: context, synthetic: true });
    },
    'tool.execute.before': async ({ tool, sessionID }, { args }) => {
      if (!EDIT_TOOLS.includes(tool)) return;
      const { deny } = await call('before-edit', sessionID, { tool_name: tool, tool_input: args });
      if (deny) throw new Error(deny);
    },
    'tool.execute.after': async ({ tool, sessionID, args }, output) => {
      if (!EDIT_TOOLS.includes(tool)) return;
      const { context } = await call('after-edit', sessionID, { tool_name: tool, tool_input: args });
      if (context) output.output += \`\\n\\n\${context}\`;
    },
  };
};
`;
};
