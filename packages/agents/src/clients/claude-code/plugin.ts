import { join } from 'node:path';
import { ownFile } from '../../files/ledger.ts';
import { mcpCommand } from '../../files/mcp-entries.ts';
import type { ClientKind, Setup } from '../client-files.ts';
import { SKILL } from './skill.ts';

/** Seconds after which Claude Code goes on without a hook; its own default is ten minutes. */
const HOOK_SECONDS = 3;
/** How long an idle session is watched over. */
const IDLE_SECONDS = 86_400;
const EDIT_TOOLS = 'Edit|MultiEdit|Write|NotebookEdit';

const configFolder = ({ env, home }: Setup): string => env['CLAUDE_CONFIG_DIR'] || join(home, '.claude');

const asText = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

/** Every event that Claude Code tells us of; `WorktreeCreate` never: a hook there replaces what git does. */
const hooksText = ({ node }: Setup): string => {
  const program = (moment: string) => `"${node}" "\${CLAUDE_PLUGIN_ROOT}/act-hook.cjs" claude-code ${moment}`;
  const hook = (moment: string) => ({ type: 'command', command: program(moment), timeout: HOOK_SECONDS });
  const group = (moment: string, matcher?: string) => [
    { ...(matcher === undefined ? {} : { matcher }), hooks: [hook(moment)] },
  ];
  const idle = {
    type: 'command',
    // Not where a session ends with its answer: there Claude Code would wait for it, 30 s long. Without a shell in
    // between it notices when Claude Code is gone.
    command: `[ "$CLAUDE_CODE_ENTRYPOINT" = sdk-cli ] || exec ${program('idle')}`,
    async: true,
    asyncRewake: true,
    timeout: IDLE_SECONDS,
  };
  return asText({
    hooks: {
      SessionStart: group('start'),
      PreToolUse: group('before-edit', EDIT_TOOLS),
      PostToolUse: group('after-edit', EDIT_TOOLS),
      UserPromptSubmit: group('prompt'),
      Stop: [{ hooks: [hook('stop'), idle] }],
      SessionEnd: group('end'),
    },
  });
};

/** A plugin in the user's own skills folder: Claude Code loads it with its next session, without an install step. */
export const claudeCodeFiles: ClientKind = {
  name: 'claude-code',
  title: 'Claude Code',
  tested: { program: 'claude', version: '2.1.197' },
  traces: (setup) => [configFolder(setup)],
  files(setup) {
    const folder = join(configFolder(setup), 'skills', 'act');
    return [
      ownFile(
        join(folder, '.claude-plugin', 'plugin.json'),
        asText({
          name: 'act',
          version: setup.version,
          author: { name: 'ACT Hub' },
          description: 'Works with the other agents of a project through ACT Hub.',
        }),
      ),
      ownFile(join(folder, 'act-hook.cjs'), setup.hookProgram),
      ownFile(join(folder, 'hooks', 'hooks.json'), hooksText(setup)),
      ownFile(join(folder, '.mcp.json'), asText({ mcpServers: { hub: mcpCommand(setup.act) } })),
      ownFile(join(folder, 'skills', 'coordinate', 'SKILL.md'), SKILL),
    ];
  },
  remarks: ['Sessions that are open now join when they are started again.'],
};
