import { join } from 'node:path';
import { jsoncHooksFile, jsoncMcpFile } from '../../files/jsonc-file.ts';
import type { FileChange } from '../../files/ledger.ts';
import type { Setup } from '../client-files.ts';
import { hookPath } from '../hook-path.ts';

const HOOK_SECONDS = 3;
/** A regular expression, searched for in the name of the tool. */
const EDIT_TOOLS = '^(edit|write|notebook_edit)$';

/** Devin's folder for this user: of its command line, and of Devin Desktop. */
export const devinFolder = ({ home }: Pick<Setup, 'home'>): string => join(home, '.config', 'devin');

/** Hooks in its settings, which may have comments, and the hub's tools in the file beside them. */
export const devinFiles = (setup: Setup): readonly FileChange[] => {
  const group = (moment: string, matcher?: string) => [
    {
      ...(matcher === undefined ? {} : { matcher }),
      hooks: [
        {
          type: 'command',
          // What Devin tells a hook names no folder; where it does not name one here either, we are in it.
          command: `cd "\${DEVIN_PROJECT_DIR:-.}" && "${setup.node}" "${hookPath(setup)}" devin ${moment}`,
          timeout: HOOK_SECONDS,
        },
      ],
    },
  ];
  const folder = devinFolder(setup);
  return [
    jsoncHooksFile(join(folder, 'config.json'), {
      SessionStart: group('start'),
      PreToolUse: group('before-edit', EDIT_TOOLS),
      PostToolUse: group('after-edit', EDIT_TOOLS),
      UserPromptSubmit: group('prompt'),
      Stop: group('stop'),
      SessionEnd: group('end'),
    }),
    jsoncMcpFile(join(folder, 'mcp_config.json'), setup.act),
  ];
};
