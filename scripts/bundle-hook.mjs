// Makes the hook one file without dependencies: it is copied beside a client's files and starts at every edit.
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './prepare.mjs';

const agents = join(root, 'packages', 'agents');
await build({
  entryPoints: [join(agents, 'src', 'hook', 'main.ts')],
  outfile: join(agents, 'dist', 'act-hook.mjs'),
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  conditions: ['@act/source'],
  legalComments: 'inline',
  logLevel: 'warning',
});
