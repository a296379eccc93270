// Makes the hook one file without dependencies: it is copied beside a client's files and starts at every edit. The
// program is a text within it, run by from-kept-code.ts.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { build } from 'esbuild';
import { root } from './prepare.mjs';

const agents = join(root, 'packages', 'agents');
const options = {
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
};
const { outputFiles } = await build({
  ...options,
  entryPoints: [join(agents, 'src', 'hook', 'main.ts')],
  minify: true,
  write: false,
});
const program = `(function (require, module) {${outputFiles[0].text}\n})`;
await build({
  ...options,
  entryPoints: [join(agents, 'src', 'hook', 'from-kept-code.ts')],
  outfile: join(agents, 'dist', 'act-hook.cjs'),
  define: {
    PROGRAM: JSON.stringify(program),
    PROGRAM_HASH: JSON.stringify(createHash('sha256').update(program).digest('hex').slice(0, 16)),
  },
});
