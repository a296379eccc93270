import { connectHub } from '@agentmix/act-client';
import type { ActEvent, Hub } from '@agentmix/act-client';
import type { Output } from '../cli/output.ts';
import type { Surroundings } from '../cli/surroundings.ts';
import { Failure } from '../cli/failure.ts';
import { makeTaskNames } from '../tail/task-names.ts';
import { demoFile } from './assets.ts';
import { makeShow } from './show.ts';
import { CAST, startWorker } from './workers.ts';
import type { DemoWorker } from './workers.ts';

/** One agent is killed when so much of the plan is done, while it is in the middle of a task. */
const KILL_AFTER_SHARE = 0.3;
const KILL_AT_PERCENT_MIN = 40;
const KILL_AT_PERCENT_MAX = 80;
/** The play takes 20 to 30 s; after this something is wrong. */
const PLAY_MS_MAX = 120_000;

export interface PlayOptions {
  readonly url: string;
  readonly token: string;
  readonly tokenFile: string;
  readonly projectId: string;
  readonly tasks: number;
  readonly output: Output;
  readonly surroundings: Surroundings;
  readonly stop: AbortSignal;
}

export interface Played {
  readonly hub: Hub;
  readonly lastSeq: number;
  readonly victim: string | undefined;
  readonly takenOverBy: string | undefined;
}

interface Plot {
  completed: number;
  lastSeq: number;
  victim?: string;
  lostTask?: string;
  takenOverBy?: string;
}

const isMoment = (event: ActEvent, plot: Plot, tasks: number): boolean =>
  plot.victim === undefined &&
  event.type === 'task.progress' &&
  event.data.checkpoint !== undefined &&
  (event.data.percent ?? KILL_AT_PERCENT_MIN) >= KILL_AT_PERCENT_MIN &&
  (event.data.percent ?? KILL_AT_PERCENT_MIN) <= KILL_AT_PERCENT_MAX &&
  plot.completed >= tasks * KILL_AFTER_SHARE;

const advance = (event: ActEvent, plot: Plot): void => {
  plot.lastSeq = event.seq;
  if (event.type === 'task.completed') plot.completed++;
  if (event.type === 'task.claimed' && event.data.taskId === plot.lostTask && event.agentId !== plot.victim)
    plot.takenOverBy ??= event.agentId ?? '';
};

/** A worker that ends before the work does, other than the one that is killed, is a failure of the demo. */
const earlyEnd = async (workers: readonly DemoWorker[], plot: Plot, tasks: number): Promise<never> =>
  new Promise((_, reject) => {
    for (const worker of workers)
      void worker.exited.then((how) => {
        if (worker.agent === plot.victim || plot.completed >= tasks) return;
        reject(
          new Failure(`the agent ${worker.agent} ended too early (${how})`, {
            code: 'demo_failed',
            hint: worker.errors().trim() || 'it said nothing',
          }),
        );
      });
  });

const follow = async (
  hub: Hub,
  options: PlayOptions,
  workers: readonly DemoWorker[],
  plot: Plot,
  signal: AbortSignal,
): Promise<void> => {
  const { projectId, tasks, output } = options;
  const show = makeShow(output, makeTaskNames({ hub }, projectId), tasks);
  for await (const item of hub.events(projectId, { after: 0, signal })) {
    if (item.kind !== 'event')
      throw new Failure('the demo lost sight of its events', { code: 'demo_failed' });
    const { event } = item;
    advance(event, plot);
    await show.event(event);
    if (isMoment(event, plot, tasks) && event.type === 'task.progress') {
      const worker = workers.find(({ agent }) => agent === event.agentId);
      if (!worker) continue;
      plot.victim = worker.agent;
      plot.lostTask = event.data.taskId;
      worker.process.kill('SIGKILL');
      show.say(worker.agent, output.style.red('✗ killed (kill -9) in the middle of a task'));
    }
    if (plot.completed >= tasks) return;
  }
};

const endWorkers = async (workers: readonly DemoWorker[]): Promise<void> => {
  for (const { process: child } of workers) child.kill('SIGTERM');
  await Promise.all(workers.map(({ exited }) => exited));
};

/** Four agents do the plan; one is killed. Resolves when every task is completed. */
export const play = async (options: PlayOptions): Promise<Played> => {
  const { url, token, tokenFile, projectId, surroundings, stop, tasks } = options;
  const hub = connectHub({ url, token });
  const plot: Plot = { completed: 0, lastSeq: 0 };
  const program = demoFile('demo-agent.mjs');
  const ending = new AbortController();
  stop.addEventListener('abort', () => ending.abort(), { once: true });
  const late = setTimeout(() => ending.abort(), PLAY_MS_MAX);
  const workers = CAST.map((cast) =>
    startWorker(cast, program, { url, tokenFile, projectId }, surroundings.env),
  );
  try {
    await Promise.race([follow(hub, options, workers, plot, ending.signal), earlyEnd(workers, plot, tasks)]);
    if (stop.aborted) throw new Failure('stopped', { code: 'stopped' });
    if (plot.completed < tasks)
      throw new Failure(`only ${plot.completed} of ${tasks} tasks were completed in time`, {
        code: 'demo_failed',
      });
    return { hub, lastSeq: plot.lastSeq, victim: plot.victim, takenOverBy: plot.takenOverBy };
  } finally {
    clearTimeout(late);
    ending.abort();
    await endWorkers(workers);
  }
};
