// npm start: everything a fresh clone needs, then the hub.
import { join } from 'node:path';
import process from 'node:process';
import { prepare, root } from './prepare.mjs';

prepare();
process.argv.splice(2, 0, 'up');
await import(join(root, 'packages', 'cli', 'dist', 'bundled', 'main.js'));
