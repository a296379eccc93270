// npm run check: what has to pass before a commit. Quick: no servers.
import process from 'node:process';
import { prepare, root } from './prepare.mjs';
import { runSteps } from './steps.mjs';
import { staticSteps, vitest } from './suites.mjs';

process.chdir(root);
prepare();
process.exitCode = await runSteps([...staticSteps, vitest('unit')]);
