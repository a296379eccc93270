import type { Call } from '../history/read.ts';
import type { Outage } from '../processes/hub.ts';
import type { LogEvent } from './database.ts';
import type { Grants } from './grants.ts';

/** A dead agent's task returns this long after its lease at the latest. */
export const GRACE_MS = 2_000;

/** How much of a span of time a hub served. */
export const servedMs = (from: number, to: number, outages: readonly Outage[]): number => {
  let served = to - from;
  for (const { killedAt, servedAt } of outages)
    served -= Math.max(0, Math.min(to, servedAt) - Math.max(from, killedAt));
  return served;
};

/** For each session, when it was last heard of: the start or the answer of one of its calls. */
export const lastHeard = (calls: readonly Call[]): Map<string, number> => {
  const heard = new Map<string, number>();
  for (const call of calls) {
    const session =
      call.input['sessionId'] ?? (call.name === 'agent.register' ? call.output['sessionId'] : undefined);
    if (typeof session !== 'string') continue;
    const time = call.type === 'ok' ? (call.endedAt ?? call.invokedAt) : call.invokedAt;
    heard.set(session, Math.max(heard.get(session) ?? 0, time));
  }
  return heard;
};

/** Grants of silent sessions that ended later than their lease plus 2 s of a serving hub. */
export const countStuck = (
  grants: Grants,
  calls: readonly Call[],
  outages: readonly Outage[],
  now: number,
): number => {
  const heard = lastHeard(calls);
  return grants.all.filter((grant) => {
    const since = Math.max(grant.at, heard.get(grant.sessionId) ?? 0);
    const until = grant.endedAt ?? now;
    return until > since && servedMs(since, until, outages) > grant.leaseMs + GRACE_MS;
  }).length;
};

export interface Expiries {
  readonly expired: number;
  /** Sessions ended although an answered call of theirs was younger than their lease. */
  readonly early: number;
  /** Sessions ended later than their lease plus 2 s after they were last heard of. */
  readonly late: number;
  readonly earliestMs: number;
  readonly latestMs: number;
}

/** Judges each expiry in the log by the answered calls of its session: a lease is a lower bound. */
export const judgeExpiries = (
  log: readonly LogEvent[],
  calls: readonly Call[],
  leaseMsOf: (sessionId: string) => number,
  outages: readonly Outage[] = [],
): Expiries => {
  const spoken = new Map<string, number>();
  for (const call of calls) {
    const session = call.name === 'agent.register' ? call.output['sessionId'] : call.input['sessionId'];
    if (call.type !== 'ok' || typeof session !== 'string') continue;
    spoken.set(session, Math.max(spoken.get(session) ?? 0, call.invokedAt));
  }
  const heard = lastHeard(calls);
  const ages: number[] = [];
  let early = 0;
  let late = 0;
  for (const event of log) {
    if (event.type !== 'agent.disconnected' || event.data.reason !== 'expired') continue;
    const last = spoken.get(event.data.sessionId);
    if (last === undefined) continue;
    const leaseMs = leaseMsOf(event.data.sessionId);
    ages.push(event.at - last);
    if (event.at < last + leaseMs) early++;
    const silence = servedMs(heard.get(event.data.sessionId) ?? last, event.at, outages);
    if (silence > leaseMs + GRACE_MS) late++;
  }
  return {
    expired: ages.length,
    early,
    late,
    earliestMs: Math.min(...ages, Number.MAX_SAFE_INTEGER),
    latestMs: Math.max(...ages, 0),
  };
};
