import { FAIL_OPENS_PREFIX } from '@agentmix/act-contract/agent-identity';
import type { FramedEvent } from '@agentmix/act-contract';
import type { Commit } from '@agentmix/act-core';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** The name of a call that was refused by its head alone. */
export const UNREAD = 'unread';

export interface Metrics {
  readonly registry: Registry;
  readonly onCommit: (commit: Commit, seconds: number) => void;
  readonly onRequest: (door: string, name: string, code: string, seconds: number) => void;
  /** A record was offered to streams, so long after it was decided. */
  readonly onFanOut: (seconds: number) => void;
}

export interface Gauges {
  readonly queueDepth: () => number;
  readonly deepestLane: () => number;
  readonly subscribers: () => number;
  readonly delivered: () => number;
  readonly streamLag: () => number;
  readonly overload: () => number;
  readonly relayBacklog: () => number;
}

/** What an agent's hooks keep of a hub that was away for days, and some more: nobody makes up a million. */
const FAIL_OPENS_MAX = 10_000;

/** How often hooks went on without the hub, as they tell when it is back. */
const failOpensIn = (event: FramedEvent): number => {
  if (event.type !== 'state.updated' || !event.data.key.startsWith(FAIL_OPENS_PREFIX)) return 0;
  // Whoever may write state writes this too: what is no count is none.
  const { count } = (event.data.value ?? {}) as { readonly count?: unknown };
  return Number.isSafeInteger(count) ? Math.min(Math.max(0, Number(count)), FAIL_OPENS_MAX) : 0;
};

const addGauges = (registry: Registry, gauges: Gauges): void => {
  const gauge = (name: string, help: string, read: () => number): Gauge =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  gauge('act_queue_commands', 'Commands that wait for a commit', gauges.queueDepth);
  gauge('act_deepest_lane_commands', 'Commands that wait in the fullest lane', gauges.deepestLane);
  gauge(
    'act_stream_lag_events',
    'Events that the stream furthest behind has not been sent',
    gauges.streamLag,
  );
  gauge(
    'act_overload_level',
    'From 0 to 1 the share of reads that are sent away, from 1 to 2 that of new work besides',
    gauges.overload,
  );
  gauge('act_subscribers', 'Open event streams', gauges.subscribers);
  gauge('act_delivered_events', 'Events handed to streams since the start', gauges.delivered);
  gauge(
    'act_relay_backlog_events',
    'Events that are not carried to Kafka yet; 0 where they are carried nowhere',
    gauges.relayBacklog,
  );
};

/** Prometheus metrics of one hub. */
export const makeMetrics = (gauges: Gauges): Metrics => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const commit = new Histogram({
    name: 'act_commit_seconds',
    help: 'Time of one commit',
    registers,
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2],
  });
  const batch = new Histogram({
    name: 'act_batch_commands',
    help: 'Commands in one commit',
    registers,
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
  });
  const fanOut = new Histogram({
    name: 'act_fan_out_seconds',
    help: 'Time from the decision of a record to its being offered to the streams that are up to date',
    registers,
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2, 10],
  });
  const counter = (name: string, help: string): Counter => new Counter({ name, help, registers });
  const events = counter('act_events_total', 'Events committed');
  const expiries = counter('act_lease_expiries_total', 'Sessions ended because their lease ran out');
  const failOpens = counter(
    'act_hook_fail_opens_total',
    'Hooks that went on unchecked, as they told afterwards',
  );
  const requests = new Counter({
    name: 'act_requests_total',
    help: 'Calls by door, name and result',
    labelNames: ['door', 'name', 'code'] as const,
    registers,
  });
  const duration = new Histogram({
    name: 'act_request_seconds',
    help: 'Time of one call',
    labelNames: ['door'] as const,
    registers,
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2, 10],
  });
  addGauges(registry, gauges);
  return {
    registry,
    onCommit: ({ record, changes }, seconds) => {
      commit.observe(seconds);
      batch.observe(record.commandIds.length);
      events.inc(changes.events.length);
      expiries.inc(changes.expiring.size);
      for (const event of changes.events) failOpens.inc(failOpensIn(event));
    },
    onFanOut: (seconds) => fanOut.observe(Math.max(0, seconds)),
    onRequest: (door, name, code, seconds) => {
      requests.inc({ door, name, code });
      duration.observe({ door }, seconds);
    },
  };
};
