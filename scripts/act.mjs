// npm run act -- COMMAND: the command line from the sources of this clone.
import { join } from 'node:path';
import process from 'node:process';
import { prepare, root } from './prepare.mjs';

prepare();
// Paths that a person types are meant from where they are, not from the project's root.
if (process.env.INIT_CWD) process.chdir(process.env.INIT_CWD);
await import(join(root, 'packages', 'cli', 'dist', 'bundled', 'main.js'));
