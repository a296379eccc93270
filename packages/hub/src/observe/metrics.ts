import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface Metrics {
  readonly registry: Registry;
  readonly onCommit: (commands: number, events: number, seconds: number) => void;
  readonly onRequest: (door: string, name: string, code: string, seconds: number) => void;
}

export interface Gauges {
  readonly queueDepth: () => number;
  readonly subscribers: () => number;
  readonly delivered: () => number;
  /** Absent: events are carried nowhere. */
  readonly relayBacklog?: () => number;
}

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
  const events = new Counter({ name: 'act_events_total', help: 'Events committed', registers });
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
  const gauge = (name: string, help: string, read: () => number): Gauge =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge('act_queue_commands', 'Commands that wait for a commit', gauges.queueDepth);
  gauge('act_subscribers', 'Open event streams', gauges.subscribers);
  gauge('act_delivered_events', 'Events handed to streams since the start', gauges.delivered);
  if (gauges.relayBacklog)
    gauge('act_relay_backlog_events', 'Events that are not carried to Kafka yet', gauges.relayBacklog);
  return {
    registry,
    onCommit: (commands, count, seconds) => {
      commit.observe(seconds);
      batch.observe(commands);
      events.inc(count);
    },
    onRequest: (door, name, code, seconds) => {
      requests.inc({ door, name, code });
      duration.observe({ door }, seconds);
    },
  };
};
