// Makes the hook one file without dependencies: it is copied beside a client's files and starts at every edit.
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './prepare.mjs';

const agents = join(root, 'packages', 'agents');
await build({
  entryPoints: [join(agents, 'src', 'hook', 'main.ts')],
  outfile: join(agents, 'dist', 'act-hook.cjs'),
  bundle: true,
  platform: 'node',
  // Node starts a CommonJS file some 10 ms of processor time sooner than a module.
  format: 'cjs',
  target: 'node20',
  // As `require`: the loader of modules alone costs 4 ms.
  supported: { 'dynamic-import': false },
  conditions: ['@act/source'],
  legalComments: 'inline',
  logLevel: 'warning',
});
