import { Crowd } from '../load/crowd.ts';
import type { Door } from '../load/crowd.ts';
import { HubCaller } from '../load/hub-caller.ts';
import { readyTasks, registerAgents, seedProject } from '../load/project.ts';
import { alternate, median, processCpuUs } from '../measure/index.ts';
import type { Case } from '../measure/index.ts';
import type { FanoutEnvironment } from './fanout.ts';

export interface BurstFigures {
  /** CPU of the hub's process in a burst ÷ (events × subscribers), taking the commands themselves included. */
  grossCpuUsPerEventAndSubscriber: number;
  /** The same without what the same bursts cost when nobody subscribes. */
  cpuUsPerEventAndSubscriber: number;
  /** CPU per command when nobody subscribes. */
  cpuUsPerCommand: number;
  eventsPerFrame: number;
}

interface Stage {
  name: string;
  crowd: Crowd;
  callers: HubCaller[];
  /** Claims as many tasks at once as there are callers; returns when everybody has seen all of it. */
  burst: () => Promise<void>;
}

async function makeStage(name: string, { hub, sizes }: FanoutEnvironment, door?: Door): Promise<Stage> {
  const { commands, bursts, rounds, subscribers } = sizes;
  const callers = await Promise.all(Array.from({ length: commands }, () => HubCaller.open(hub)));
  const [caller] = callers;
  if (!caller) throw new Error('--commands starts at 1');
  const projectId = await seedProject(caller, { open: commands * bursts * (rounds + 1) });
  const sessions = await registerAgents(caller, projectId, commands);
  const taskIds = (await readyTasks(caller, projectId)).reverse();
  const crowd = await Crowd.gather(door ?? 'sse', door === undefined ? 0 : subscribers, hub, projectId);
  let seq = (await caller.query('project.get', projectId, {})).seq;
  return {
    name,
    crowd,
    callers,
    burst: async () => {
      seq += commands;
      const seen = crowd.seen(seq);
      await Promise.all(
        callers.map(async (one, index) => {
          const claim = { taskId: taskIds.pop() ?? '', sessionId: sessions[index] ?? '' };
          const answer = await one.send('task.claim', projectId, claim);
          if (answer.status !== 200) throw new Error(`a claim was answered ${answer.status}: ${answer.body}`);
        }),
      );
      await seen;
    },
  };
}

function caseOf(stage: Stage, { hub, sizes }: FanoutEnvironment): Case {
  return {
    name: stage.name,
    run: async () => {
      const before = processCpuUs(hub.pid);
      const start = performance.now();
      for (let number = 0; number < sizes.bursts; number += 1) await stage.burst();
      const seconds = (performance.now() - start) / 1_000;
      const nodeCpuUs = processCpuUs(hub.pid) - before;
      return { count: sizes.bursts * sizes.commands, seconds, nodeCpuUs };
    },
  };
}

/** Bursts of claims with subscribers on each door and with none, in turn. */
export async function measureBursts(environment: FanoutEnvironment): Promise<Record<Door, BurstFigures>> {
  const { sizes, print } = environment;
  const alone = await makeStage('no subscribers', environment);
  const sse = await makeStage(`${sizes.subscribers} on SSE`, environment, 'sse');
  const socket = await makeStage(`${sizes.subscribers} on Socket.IO`, environment, 'socket.io');
  const stages = [alone, sse, socket];
  try {
    const cases = stages.map((stage) => caseOf(stage, environment));
    for (const one of cases) await one.run();
    const framesBefore = stages.map(({ crowd }) => crowd.frames);
    const report = await alternate(cases, { rounds: sizes.rounds, unit: 'commands', print });
    // Of each command one event comes.
    const cpu = report.cases.map(({ rounds }) => rounds.map(({ nodeCpuUs = Number.NaN }) => nodeCpuUs));
    const figures = (index: number): BurstFigures => {
      const [own = [], without = []] = [cpu[index], cpu[0]];
      const received = sizes.rounds * sizes.bursts * sizes.commands * sizes.subscribers;
      const net = own.map((us, round) => (us - (without[round] ?? Number.NaN)) / sizes.subscribers);
      return {
        grossCpuUsPerEventAndSubscriber: median(own) / sizes.subscribers,
        cpuUsPerEventAndSubscriber: median(net),
        cpuUsPerCommand: median(without),
        eventsPerFrame: received / ((stages[index]?.crowd.frames ?? 0) - (framesBefore[index] ?? 0)),
      };
    };
    return { sse: figures(1), 'socket.io': figures(2) };
  } finally {
    for (const { crowd, callers } of stages) {
      crowd.disperse();
      for (const caller of callers) caller.close();
    }
  }
}
