import { join } from 'node:path';
import { hooksFile } from '../../files/hook-groups.ts';
import { mcpTomlFile } from '../../files/mcp-entries.ts';
import type { ClientKind, Setup } from '../client-files.ts';
import { hookPath } from '../hook-path.ts';

const HOOK_SECONDS = 3;

const codexFolder = ({ env, home }: Setup): string => env['CODEX_HOME'] || join(home, '.codex');

/**
 * Codex trusts a hook by the hash of its definition: the command line must stay the same from release to release, so
 * the program has a place of its own and a plain name.
 */
export const codexFiles: ClientKind = {
  name: 'codex',
  title: 'Codex',
  tested: { program: 'codex', version: '0.169.0' },
  traces: (setup) => [codexFolder(setup)],
  files(setup) {
    const entry = (moment: string, matcher?: string) => [
      {
        ...(matcher === undefined ? {} : { matcher }),
        hooks: [
          {
            type: 'command',
            command: `"${setup.node}" "${hookPath(setup)}" codex ${moment}`,
            timeout: HOOK_SECONDS,
          },
        ],
      },
    ];
    // Where Codex does not know its model, it edits by a shell command.
    const tools = 'apply_patch|Edit|Write|Bash';
    return [
      hooksFile(join(codexFolder(setup), 'hooks.json'), {
        SessionStart: entry('start'),
        PreToolUse: entry('before-edit', tools),
        PostToolUse: entry('after-edit', tools),
        UserPromptSubmit: entry('prompt'),
        Stop: entry('stop'),
        SessionEnd: entry('end'),
      }),
      mcpTomlFile(join(codexFolder(setup), 'config.toml'), setup.act),
    ];
  },
  remarks: [
    'Codex runs hooks only after they were trusted: once, in Codex, type /hooks and trust those of act-hook.',
    'An idle Codex cannot be woken: it reads messages at its next turn.',
  ],
};
