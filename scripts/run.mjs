// Runs a compiled program of this clone: node scripts/run.mjs bench/src/main.ts ARGS…
import { join } from 'node:path';
import process from 'node:process';
import { prepare, root } from './prepare.mjs';

prepare();
const [source = ''] = process.argv.splice(2, 1);
if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
await import(join(root, source.replace('/src/', '/dist/').replace(/\.ts$/, '.js')));
