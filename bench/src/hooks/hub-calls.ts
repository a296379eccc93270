import { setTimeout as delay } from 'node:timers/promises';
import { HubCaller } from '../load/hub-caller.ts';
import { registerAgents } from '../load/project.ts';
import type { LaunchedHub } from '../load/launch-hub.ts';
import { percentile } from '../measure/index.ts';
import { pathOf } from './hook-world.ts';

/** The calls that hooks make. */
const CALLS = [
  'reservation.request',
  'file.report',
  'message.list',
  'prediction.list',
  'agent.register',
  'agent.briefing',
] as const;
type Call = (typeof CALLS)[number];
export type CallTimes = Readonly<Record<Call, { count: number; p50Ms: number; p99Ms: number }>>;

export interface CrowdSizes {
  readonly agents: number;
  readonly files: number;
  /** Edits of each agent, and the ms from one to its next. */
  readonly edits: number;
  readonly everyMs: number;
}

/** One call in this many edits also starts the session anew, as a compaction does. */
const START_EVERY = 8;
const RANGES = 40;

type Time = (name: Call, call: () => Promise<unknown>) => Promise<void>;

interface Editor {
  readonly caller: HubCaller;
  readonly projectId: string;
  readonly agentId: string;
  readonly sessionId: string;
  readonly time: Time;
}

/** What the hooks of one edit call: before it, after it, and now and then at a start. Lines differ by agent. */
const edit = async (
  { caller, projectId, agentId, sessionId, time }: Editor,
  number: number,
  at: number,
  files: number,
) => {
  const path = pathOf((at * 7 + number) % files);
  const ranges = [{ start: 1 + at * RANGES + (number % RANGES), lines: 1 }];
  await time('reservation.request', () =>
    caller.command('reservation.request', projectId, { sessionId, regions: [{ path, ranges }] }),
  );
  await time('file.report', () =>
    caller.command('file.report', projectId, { sessionId, changes: [{ path, kind: 'modified' }] }),
  );
  await time('message.list', () =>
    caller.query('message.list', projectId, { agentId, unread: true, newestFirst: true, limit: 50 }),
  );
  await time('prediction.list', () => caller.query('prediction.list', projectId, { agentId, limit: 500 }));
  if ((number + at) % START_EVERY > 0) return;
  await time('agent.register', () =>
    caller.command('agent.register', projectId, { agentId, leaseMs: 900_000, resume: true }),
  );
  await time('agent.briefing', () => caller.query('agent.briefing', projectId, { agentId }));
};

/** Agents that edit at their own pace, all in the same files, each in lines of its own. */
export async function timeCalls(
  hub: LaunchedHub,
  projectId: string,
  { agents, files, edits, everyMs }: CrowdSizes,
): Promise<CallTimes> {
  const took: Record<string, number[]> = {};
  const time: Time = async (name, call) => {
    const start = performance.now();
    await call();
    (took[name] ??= []).push(performance.now() - start);
  };
  const first = await HubCaller.open(hub);
  const sessions = await registerAgents(first, projectId, agents);
  first.close();
  await Promise.all(
    sessions.map(async (sessionId, at) => {
      const caller = await HubCaller.open(hub);
      const editor = { caller, projectId, agentId: `agent-${at}`, sessionId, time };
      await delay((at / agents) * everyMs);
      for (let number = 0; number < edits; number++) {
        const pause = delay(everyMs);
        await edit(editor, number, at, files);
        await pause;
      }
      caller.close();
    }),
  );
  const figures = CALLS.map((name) => {
    const all = took[name] ?? [];
    return [name, { count: all.length, p50Ms: percentile(all, 0.5), p99Ms: percentile(all, 0.99) }];
  });
  return Object.fromEntries(figures) as CallTimes;
}
