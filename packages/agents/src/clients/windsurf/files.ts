import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hooksFile } from '../../files/hook-groups.ts';
import type { FileChange } from '../../files/ledger.ts';
import { mcpJsonFile } from '../../files/mcp-entries.ts';
import type { ClientKind, Setup } from '../client-files.ts';
import { hookPath } from '../hook-path.ts';
import { devinFiles, devinFolder } from './devin-files.ts';

const cascadeFolder = ({ home }: Setup): string => join(home, '.codeium', 'windsurf');

/** Files of Cascade, the agent of Windsurf before it became Devin Desktop. */
const cascadeFiles = (setup: Setup): readonly FileChange[] => {
  const entry = (moment: string) => [
    { command: `"${setup.node}" "${hookPath(setup)}" windsurf ${moment}`, show_output: true },
  ];
  return [
    hooksFile(join(cascadeFolder(setup), 'hooks.json'), {
      pre_write_code: entry('before-edit'),
      post_write_code: entry('after-edit'),
    }),
    mcpJsonFile(join(cascadeFolder(setup), 'mcp_config.json'), setup.act),
  ];
};

export const windsurfFiles: ClientKind = {
  name: 'windsurf',
  title: 'Windsurf and Devin',
  traces: (setup) => [cascadeFolder(setup), devinFolder(setup)],
  files(setup) {
    const hasDevin = existsSync(devinFolder(setup));
    return [
      ...(existsSync(cascadeFolder(setup)) || !hasDevin ? cascadeFiles(setup) : []),
      ...(hasDevin ? devinFiles(setup) : []),
    ];
  },
  remarks: [
    'Made after the documents of Windsurf and Devin, and tested on inputs of the recorded shape: neither was run.',
    'Windsurf’s hooks cannot give an agent context: there messages are read with act message inbox.',
  ],
};
