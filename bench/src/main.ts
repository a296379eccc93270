import { runClaimsBench } from './claims/claims.ts';

const benches: Readonly<Record<string, (argv: readonly string[]) => Promise<unknown>>> = {
  claims: runClaimsBench,
};

const [name = '', ...argv] = process.argv.slice(2);
const bench = benches[name];
if (!bench) {
  console.error(`usage: npm run bench -- ${Object.keys(benches).join('|')} [--json] [flags]`);
  process.exitCode = 2;
} else await bench(argv);
