import { runAssignmentBench } from './assignment/run-bench.ts';
import { runBuses } from './buses/buses.ts';
import { runClaimsBench } from './claims/claims.ts';
import { runConflicts } from './conflicts/run-conflicts.ts';
import { runDecisions } from './decisions/decisions.ts';
import { runFanout } from './fanout/fanout.ts';
import { runGateway } from './gateway/gateway.ts';
import { runHooks } from './hooks/hooks.ts';
import { runScale } from './scale/scale.ts';
import { runSize } from './size/size.ts';
import { runWatcher } from './watcher/watcher.ts';

const benches: Readonly<Record<string, (argv: readonly string[]) => Promise<unknown>>> = {
  claims: runClaimsBench,
  gateway: runGateway,
  fanout: runFanout,
  size: runSize,
  scale: runScale,
  assignment: runAssignmentBench,
  conflicts: runConflicts,
  decisions: runDecisions,
  watcher: runWatcher,
  hooks: runHooks,
  buses: runBuses,
};

const [name = '', ...argv] = process.argv.slice(2);
const bench = benches[name];
if (!bench) {
  console.error(`usage: npm run bench -- ${Object.keys(benches).join('|')} [--json] [--assert] [flags]`);
  process.exitCode = 2;
} else await bench(argv);
