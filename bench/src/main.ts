import { runClaimsBench } from './claims/claims.ts';
import { runGateway } from './gateway/gateway.ts';

const benches: Readonly<Record<string, (argv: readonly string[]) => Promise<unknown>>> = {
  claims: runClaimsBench,
  gateway: runGateway,
};

const [name = '', ...argv] = process.argv.slice(2);
const bench = benches[name];
if (!bench) {
  console.error(`usage: npm run bench -- ${Object.keys(benches).join('|')} [--json] [--assert] [flags]`);
  process.exitCode = 2;
} else await bench(argv);
