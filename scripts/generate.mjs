// Writes what the contract's table generates; with --check compares instead, and fails on a difference.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { prepare, root } from './prepare.mjs';

prepare();
const { eventSchemas, openApi } = await import(join(root, 'packages', 'contract', 'dist', 'index.js'));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const folder = join(root, 'packages', 'contract', 'generated');
const note = 'Generated from the contract by `npm run generate`; do not edit.';
const files = {
  'openapi.json': { 'x-generated': note, ...openApi(version) },
  'events.schema.json': {
    $comment: note,
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $defs: eventSchemas(),
  },
};

const isCheck = process.argv.includes('--check');
let stale = 0;
mkdirSync(folder, { recursive: true });
for (const [name, content] of Object.entries(files)) {
  const text = `${JSON.stringify(content, null, 2)}\n`;
  const path = join(folder, name);
  if (!isCheck) writeFileSync(path, text);
  else if (readFileSync(path, 'utf8') !== text) {
    stale++;
    console.error(`packages/contract/generated/${name} is stale: run npm run generate`);
  }
}
process.exitCode = stale > 0 ? 1 : 0;
