// The real clients that some tests run: hundreds of megabytes, so they are not among the packages of an ordinary
// install. `node scripts/agent-clients.mjs` puts them into .cache/agent-clients; ACT_TEST_ALL=1 does so by itself.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { root, run } from './prepare.mjs';

const PACKAGES = {
  '@anthropic-ai/claude-code': '2.1.197',
  '@google/gemini-cli': '0.61.0',
  '@openai/codex': '0.169.0',
  'opencode-ai': '1.18.33',
};
const folder = join(root, '.cache', 'agent-clients');
const manifest = `${JSON.stringify({ private: true, dependencies: PACKAGES }, null, 2)}\n`;
const installed = join(folder, 'installed.json');

export const hasAgentClients = () => existsSync(installed) && readFileSync(installed, 'utf8') === manifest;

export const installAgentClients = () => {
  if (hasAgentClients()) return;
  console.error('Installing the real clients (once; half a minute) …');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), manifest);
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    stdio: ['ignore', 2, 'inherit'],
  });
  writeFileSync(installed, manifest);
};

if (process.argv[1] === join(root, 'scripts', 'agent-clients.mjs')) installAgentClients();
