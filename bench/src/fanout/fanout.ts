import type { Door } from '../load/crowd.ts';
import { launchHub, withDirectory } from '../load/launch-hub.ts';
import type { LaunchedHub } from '../load/launch-hub.ts';
import { describeHost, makePrint, publish, readFlags } from '../measure/index.ts';
import type { Bound, Host, Published } from '../measure/index.ts';
import { measureBursts } from './bursts.ts';
import type { BurstFigures } from './bursts.ts';
import { measureSingles } from './singles.ts';
import type { SingleFigures } from './singles.ts';

const DEFAULTS = { rounds: 5, subscribers: 100, claims: 200, bursts: 10, commands: 256, warmup: 300 };
const RATIO_TO_MEMORY_MAX = 1.5;
const CPU_US_MAX = 2;

export type FanoutSizes = typeof DEFAULTS;

export interface FanoutFigures extends SingleFigures {
  bench: 'fanout';
  host: Host;
  sizes: FanoutSizes;
  cpuUsPerEventAndSubscriber: Record<Door, number>;
  bursts: Record<Door, BurstFigures>;
}

/** Everything that one measured section needs of a hub. */
export interface FanoutEnvironment {
  hub: LaunchedHub;
  sizes: FanoutSizes;
  print: (text: string) => void;
}

/**
 * `npm run bench -- fanout [--json] [--assert] [--rounds N] [--subscribers N] [--claims N] [--bursts N] [--commands N]
 * [--warmup N]`. First claims one at a time until the last of the subscribers (SSE) has the event, on the embedded
 * database and on the same hub over the memory store, alternating; then bursts of that many commands at once, with
 * subscribers on SSE, on Socket.IO and with none, alternating. Subscribers are in this process, hubs in their own.
 */
export async function runFanout(argv: readonly string[]): Promise<Published<FanoutFigures>> {
  const { json, assert, only: _only, data: _data, ...sizes } = readFlags(argv, DEFAULTS);
  const print = makePrint(json);
  const figures = await withDirectory(async (directory): Promise<FanoutFigures> => {
    const hub = await launchHub('postgres', `${directory}/data`);
    const memory = await launchHub('memory', `${directory}/memory`);
    try {
      const singles = await measureSingles({ hub, sizes, print }, memory);
      await memory.stop();
      const bursts = await measureBursts({ hub, sizes, print });
      const cpuUsPerEventAndSubscriber = {
        sse: bursts.sse.cpuUsPerEventAndSubscriber,
        'socket.io': bursts['socket.io'].cpuUsPerEventAndSubscriber,
      };
      return {
        bench: 'fanout',
        host: describeHost(),
        sizes,
        ...singles,
        cpuUsPerEventAndSubscriber,
        bursts,
      };
    } finally {
      await Promise.all([hub.stop(), memory.stop()]);
    }
  });
  const { sse, 'socket.io': socketIo } = figures.cpuUsPerEventAndSubscriber;
  const bounds: Bound[] = [
    { figure: 'ratioToMemory', value: figures.ratioToMemory, max: RATIO_TO_MEMORY_MAX },
    { figure: 'cpuUsPerEventAndSubscriber, SSE', value: sse, max: CPU_US_MAX },
    { figure: 'cpuUsPerEventAndSubscriber, Socket.IO', value: socketIo, max: CPU_US_MAX },
  ];
  return publish(figures, bounds, { json, ...(assert && { assert }) });
}
