import { join } from 'node:path';
import { hooksFile } from '../../files/hook-groups.ts';
import { mcpJsonFile } from '../../files/mcp-entries.ts';
import type { ClientKind } from '../client-files.ts';
import { hookPath } from '../hook-path.ts';

const HOOK_SECONDS = 3;
/** The version of its file of hooks that Cursor reads. */
const FILE_VERSION = 1;

export const cursorFiles: ClientKind = {
  name: 'cursor',
  title: 'Cursor',
  traces: ({ home }) => [join(home, '.cursor')],
  files(setup) {
    const entry = (moment: string) => [
      { command: `"${setup.node}" "${hookPath(setup)}" cursor ${moment}`, timeout: HOOK_SECONDS },
    ];
    return [
      hooksFile(
        join(setup.home, '.cursor', 'hooks.json'),
        {
          sessionStart: entry('start'),
          preToolUse: entry('before-edit'),
          postToolUse: entry('after-edit'),
          stop: entry('stop'),
          sessionEnd: entry('end'),
        },
        { version: FILE_VERSION },
      ),
      mcpJsonFile(join(setup.home, '.cursor', 'mcp.json'), setup.act),
    ];
  },
  remarks: [
    'Made after Cursor’s documents, and tested on payloads of their shape: Cursor itself was not run.',
  ],
};
