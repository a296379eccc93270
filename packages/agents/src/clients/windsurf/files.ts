import { join } from 'node:path';
import { hooksFile } from '../../files/hook-groups.ts';
import { mcpJsonFile } from '../../files/mcp-entries.ts';
import type { ClientKind } from '../client-files.ts';
import { hookPath } from '../hook-path.ts';

export const windsurfFiles: ClientKind = {
  name: 'windsurf',
  title: 'Windsurf',
  traces: ({ home }) => [join(home, '.codeium', 'windsurf')],
  files(setup) {
    const entry = (moment: string) => [
      { command: `"${setup.node}" "${hookPath(setup)}" windsurf ${moment}`, show_output: true },
    ];
    return [
      hooksFile(join(setup.home, '.codeium', 'windsurf', 'hooks.json'), {
        pre_write_code: entry('before-edit'),
        post_write_code: entry('after-edit'),
      }),
      mcpJsonFile(join(setup.home, '.codeium', 'windsurf', 'mcp_config.json'), setup.act),
    ];
  },
  remarks: [
    'Made after Windsurf’s documents, and tested on payloads of their shape: Windsurf itself was not run.',
    'Its hooks cannot give an agent context: messages are read with act message inbox.',
  ],
};
