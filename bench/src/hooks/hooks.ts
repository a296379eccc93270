import { HubCaller } from '../load/hub-caller.ts';
import { launchHub, withDirectory } from '../load/launch-hub.ts';
import { seedProject } from '../load/project.ts';
import { withTemporaryProject } from '../conflicts/temporary-project.ts';
import { describeHost, makePrint, percentile, publish, readFlags } from '../measure/index.ts';
import type { Host, Published } from '../measure/index.ts';
import { makeHookWorld } from './hook-world.ts';
import { timeCalls } from './hub-calls.ts';
import type { CallTimes } from './hub-calls.ts';
import { timeProcesses } from './time-processes.ts';

const DEFAULTS = { files: 200, agents: 32, edits: 20, 'every-ms': 1_000, runs: 30, tasks: 200 };
const HUB_P99_MS_MAX = 15;
const HOOK_P99_MS_MAX = 60;

interface Times {
  p50Ms: number;
  p99Ms: number;
  minMs: number;
}

export interface HookFigures {
  bench: 'hooks';
  host: Host;
  files: number;
  agents: number;
  calls: CallTimes;
  /** `node -e 0`, the whole hook before an edit, and what the hook adds to it. */
  bare: Times;
  hook: Times;
  own: Times;
}

const timesOf = (all: readonly number[]): Times => ({
  p50Ms: percentile(all, 0.5),
  p99Ms: percentile(all, 0.99),
  minMs: Math.min(...all),
});

/**
 * `npm run bench -- hooks [--files N] [--agents N] [--edits N] [--every-ms N] [--runs N] [--tasks N] [--json] [--assert]`:
 * what the calls of hooks take at a hub that many agents edit through, then what a client waits for: the whole hook
 * before an edit, a process with a real payload in a real worktree, beside a bare Node.
 */
export async function runHooks(argv: readonly string[]): Promise<Published<HookFigures>> {
  const { json, assert, files, agents, edits, runs, tasks, ...flags } = readFlags(argv, DEFAULTS);
  const print = makePrint(json);
  const { calls, processes } = await withDirectory(async (directory) => {
    const hub = await launchHub('postgres', directory);
    try {
      const caller = await HubCaller.open(hub);
      const projectId = await seedProject(caller, { open: tasks });
      caller.close();
      const crowd = { agents, files, edits, everyMs: flags['every-ms'] };
      return {
        calls: await timeCalls(hub, projectId, crowd),
        processes: await withTemporaryProject(async (temporary) =>
          timeProcesses(await makeHookWorld(temporary, hub, projectId, files), runs, files),
        ),
      };
    } finally {
      await hub.stop();
    }
  });
  const [bare, hook] = [timesOf(processes.bareMs), timesOf(processes.hookMs)];
  const own = timesOf(processes.ownMs);
  const figures: HookFigures = {
    bench: 'hooks',
    host: describeHost(),
    files,
    agents,
    calls,
    bare,
    hook,
    own,
  };
  print(JSON.stringify(figures));
  const bounds = [
    ...Object.entries(calls).map(([name, { p99Ms }]) => ({
      figure: `${name} p99 ms`,
      value: p99Ms,
      max: HUB_P99_MS_MAX,
    })),
    { figure: 'whole hook p99 ms', value: hook.p99Ms, max: HOOK_P99_MS_MAX },
  ];
  return publish(figures, bounds, { json, ...(assert && { assert }) });
}
