import { statfs } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { getHeapStatistics } from 'node:v8';
import type { HubCallOutput } from '@agentmix/act-contract';
import type { CoordinationService } from '../app/coordination-service.ts';
import { LATE_MS, QUEUE_COMMANDS_MAX } from '../app/overload.ts';
import { VERSION } from '../version.ts';

export type Health = HubCallOutput<'hub.status'>;
type Check = Health['checks'][number];
type State = Check['state'];

const MB = 1_048_576;
const DATABASE_MS = { warning: 100, bad: 1_000 };
/** Whoever asks wants an answer, above all when the database gives none. */
const DATABASE_MS_MAX = 2_000;
const LANE_COMMANDS = { warning: QUEUE_COMMANDS_MAX / 4, bad: 0.75 * QUEUE_COMMANDS_MAX };
/** As in the alerts: deploy/prometheus/act-hub.rules.yaml. */
const EVENTS_BEHIND_MAX = 10_000;
const HEAP_SHARE = { warning: 0.8, bad: 0.95 };
const FREE_MB = { warning: 1_024, bad: 128 };

/** Above a bound it is that bad. */
const above = (value: number, bounds: { readonly warning: number; readonly bad: number }): State => {
  if (value >= bounds.bad) return 'bad';
  return value >= bounds.warning ? 'warning' : 'ok';
};

const database = async (service: CoordinationService): Promise<Check> => {
  const name = 'database';
  const started = performance.now();
  const late = sleep(DATABASE_MS_MAX, false, { ref: false });
  const isThere = await Promise.race([service.isReady(), late]);
  const ms = Math.round(performance.now() - started);
  return isThere
    ? { name, state: above(ms, DATABASE_MS), says: `answers within ${ms} ms` }
    : { name, state: 'bad', says: `does not answer, asked for ${ms} ms: nothing can be committed or read` };
};

const lanes = ({ lanes: { deepest, depth } }: CoordinationService): Check => ({
  name: 'lanes',
  state: above(deepest, LANE_COMMANDS),
  says: `${depth} commands wait, ${deepest} of them in one project`,
});

const streams = ({ fanOut: { subscribers, lag } }: CoordinationService): Check => ({
  name: 'streams',
  state: lag >= EVENTS_BEHIND_MAX ? 'warning' : 'ok',
  says: `${subscribers} are open; the one furthest behind misses ${lag} events`,
});

const replicas = ({ isHearing }: CoordinationService): Check => {
  const name = 'replicas';
  if (isHearing === undefined) return { name, state: 'ok', says: 'none: the database is this hub’s own' };
  return isHearing
    ? { name, state: 'ok', says: 'other hubs of the database are heard' }
    : {
        name,
        state: 'warning',
        says: 'other hubs are not heard; their commits are looked for in the database',
      };
};

const kafka = ({ relayBacklog }: CoordinationService): Check => {
  const name = 'kafka';
  if (relayBacklog === undefined) return { name, state: 'ok', says: 'none: events are carried nowhere' };
  const state = relayBacklog >= EVENTS_BEHIND_MAX ? 'warning' : 'ok';
  return { name, state, says: `${relayBacklog} events are not carried yet` };
};

const eventLoop = ({ overload: { lagMs, level } }: CoordinationService): Check => {
  const says = `${Math.round(lagMs)} ms late, of ${LATE_MS} that it may be`;
  const name = 'event-loop';
  if (level === 0) return { name, state: 'ok', says };
  return level >= 1
    ? { name, state: 'bad', says: `${says}; behind: no reads, and less and less new work` }
    : { name, state: 'warning', says: `${says}; behind: a part of the reads is sent away` };
};

const memory = (): Check => {
  const { used_heap_size: used, heap_size_limit: most } = getHeapStatistics();
  const rss = Math.round(process.memoryUsage.rss() / MB);
  return {
    name: 'memory',
    state: above(used / most, HEAP_SHARE),
    says: `${rss} MB in all; ${Math.round(used / MB)} of ${Math.round(most / MB)} MB for objects`,
  };
};

const freeState = (freeMb: number): State => {
  if (freeMb < FREE_MB.bad) return 'bad';
  return freeMb < FREE_MB.warning ? 'warning' : 'ok';
};

const disk = async (dataDir: string): Promise<Check> => {
  const name = 'disk';
  try {
    const { bavail, bsize } = await statfs(dataDir);
    const free = Math.round((bavail * bsize) / MB);
    return { name, state: freeState(free), says: `${free} MB are free where the hub’s data lies` };
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    // With a database elsewhere and keys that were given there is nothing to keep.
    return code === 'ENOENT'
      ? { name, state: 'ok', says: 'none: the hub keeps nothing here' }
      : { name, state: 'warning', says: `the data directory cannot be looked at: ${code}` };
  }
};

/** How a hub is, and all that it depends on; within two seconds, however that is. */
export const readHealth = async (service: CoordinationService, dataDir: string): Promise<Health> => ({
  version: VERSION,
  uptimeSeconds: Math.round(process.uptime()),
  checks: [
    await database(service),
    lanes(service),
    streams(service),
    replicas(service),
    kafka(service),
    eventLoop(service),
    memory(),
    await disk(dataDir),
  ],
});
