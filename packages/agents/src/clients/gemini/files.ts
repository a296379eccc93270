import { join } from 'node:path';
import { jsoncHooksFile, jsoncMcpFile } from '../../files/jsonc-file.ts';
import { together } from '../../files/together.ts';
import type { ClientKind, Setup } from '../client-files.ts';
import { hookPath } from '../hook-path.ts';

const HOOK_MS = 3_000;
/** A regular expression, searched for in the name of the tool. */
const EDIT_TOOLS = '^(replace|write_file)$';

const folder = ({ env, home }: Setup): string => join(env['GEMINI_CLI_HOME'] || home, '.gemini');

/** Hooks and the hub's tools stand in one file, its settings. */
export const geminiFiles: ClientKind = {
  name: 'gemini',
  title: 'Gemini CLI',
  tested: { program: 'gemini', version: '0.61.0' },
  traces: (setup) => [folder(setup)],
  files(setup) {
    const settings = join(folder(setup), 'settings.json');
    const group = (moment: string, matcher?: string) => [
      {
        ...(matcher === undefined ? {} : { matcher }),
        hooks: [
          {
            type: 'command',
            command: `"${setup.node}" "${hookPath(setup)}" gemini ${moment}`,
            timeout: HOOK_MS,
          },
        ],
      },
    ];
    const hooks = jsoncHooksFile(settings, {
      SessionStart: group('start'),
      BeforeTool: group('before-edit', EDIT_TOOLS),
      AfterTool: group('after-edit', EDIT_TOOLS),
      BeforeAgent: group('prompt'),
      AfterAgent: group('stop'),
      SessionEnd: group('end'),
    });
    return [together(hooks, jsoncMcpFile(settings, setup.act))];
  },
  remarks: [
    'What Gemini CLI starts does not know its session: there it names itself, act task next --agent NAME.',
    'An idle Gemini CLI cannot be woken: it reads messages at its next turn.',
  ],
};
