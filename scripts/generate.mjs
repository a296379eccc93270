// Writes what the contract's table generates; with --check compares instead, and fails on a difference.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { install, root, run } from './prepare.mjs';

install();
// The contract alone: other packages may already speak of a call whose route is yet to be generated.
run(process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b', 'packages/contract']);
const { cloudEventSchema, commands, eventSchemas, hubCalls, openApi, queries } = await import(
  join(root, 'packages', 'contract', 'dist', 'index.js')
);
const { graphqlSchema } = await import(join(root, 'packages', 'contract', 'dist', 'graphql', 'index.js'));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const contract = join(root, 'packages', 'contract');
const note = 'Generated from the contract by `npm run generate`; do not edit.';
const json = (content) => `${JSON.stringify(content, null, 2)}\n`;
/** The table's addresses alone, for programs that start too often to load the schemas. */
const routes = Object.fromEntries(
  Object.values({ ...commands, ...queries, ...hubCalls }).flatMap(({ name, route }) =>
    route ? [[name, { method: route.method, path: route.path }]] : [],
  ),
);
const files = {
  'generated/openapi.json': json({ 'x-generated': note, ...openApi(version) }),
  'generated/events.schema.json': json({
    $comment: note,
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $defs: eventSchemas(),
  }),
  'generated/schema.graphql': `# ${note}\n${graphqlSchema()}`,
  'generated/cloud-event.schema.json': json({ $comment: note, ...cloudEventSchema() }),
  'src/generated/routes.ts': `/** Method and path of every call, below /v1. ${note} */
export const routes = {
${Object.entries(routes)
  .map(([name, { method, path }]) => `  '${name}': { method: '${method}', path: '${path}' },\n`)
  .join('')}} as const;
`,
};

const isCheck = process.argv.includes('--check');
let stale = 0;
for (const [name, text] of Object.entries(files)) {
  const path = join(contract, name);
  if (!isCheck) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    stale++;
    console.error(`packages/contract/${name} is stale: run npm run generate`);
  }
}
process.exitCode = stale > 0 ? 1 : 0;
