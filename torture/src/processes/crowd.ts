import { setTimeout as sleep } from 'node:timers/promises';
import { restCommand } from '../wire/rest.ts';
import type { Address } from '../wire/rest.ts';
import type { Stage } from './stage.ts';

/** What the crowd is told, and what it answers at the end of a phase. */
export interface CrowdOrders {
  readonly url: string;
  readonly token: string;
  readonly projectId: string;
}

export interface PhaseOrder {
  readonly kind: 'phase';
  readonly agents: number;
  /** Between two calls of an agent, on average. */
  readonly pauseMs: number;
  /** Besides them so many tasks a second are begun, however long the answers take; who is sent away leaves. */
  readonly arrivalsPerSecond?: number;
  readonly ms: number;
  /** At its beginning nothing is counted for so long. */
  readonly settleMs: number;
}

export interface PhaseFigures {
  readonly kind: 'figures';
  readonly calls: number;
  /** Tasks that were begun by arrivals, and how many of them were sent away at their first call. */
  readonly arrived: number;
  readonly left: number;
  readonly completedPerSecond: number;
  /** Calls that were refused for the load, with a word about when to come back. */
  readonly sentAway: number;
  /** Refused for the load without it. */
  readonly sentAwayBare: number;
  /** Calls that ended otherwise than ok or sent away, and why the first of them did. */
  readonly errors: number;
  readonly firstErrors: readonly string[];
  /** Sessions that ended under agents that were there. */
  readonly leasesLost: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of heartbeats and completions alone. */
  readonly keepP99Ms: number;
  /** Of `task.next`. */
  readonly claimP99Ms: number;
  /** From the beginning of the phase to the last call that was sent away; 0 when none was. */
  readonly lastSentAwayMs: number;
}

export type Phase = Omit<PhaseOrder, 'kind'>;

export interface Crowd {
  readonly run: (phase: Phase) => Promise<PhaseFigures>;
}

export const createProject = async (address: Address, name: string): Promise<string> => {
  const created = await restCommand(address, { name: 'project.create', projectId: '', input: { name } });
  if (created.type !== 'ok') throw new Error(`no project: ${JSON.stringify(created)}`);
  return (created.output as { projectId: string }).projectId;
};

/** Agents in a process of their own, of whom a phase calls so many to work. */
export const startCrowd = async (
  stage: Stage,
  { url, token }: Address,
  projectId: string,
): Promise<Crowd> => {
  const actor = stage.start('crowd-main', [JSON.stringify({ url, token, projectId } satisfies CrowdOrders)]);
  await actor.message('started');
  return {
    run: async (phase) => {
      actor.send({ kind: 'phase', ...phase } satisfies PhaseOrder);
      // A soak is longer than anybody waits for a message.
      await sleep(Math.max(0, phase.ms - 1_000));
      return actor.message<PhaseFigures>('figures');
    },
  };
};
