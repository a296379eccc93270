import { readFileSync } from 'node:fs';
import { noChanges } from '@agentmix/act-core';
import type { Commit, LogRecord } from '@agentmix/act-core';
import type { FramedEvent } from '@agentmix/act-contract';
import { expect, it } from 'vitest';
import { makeMetrics } from './metrics.ts';
import type { Metrics } from './metrics.ts';

const make = (): Metrics =>
  makeMetrics({
    queueDepth: () => 1,
    deepestLane: () => 2,
    subscribers: () => 3,
    delivered: () => 4,
    streamLag: () => 5,
    relayBacklog: () => 6,
    overload: () => 7,
  });

const valueOf = async ({ registry }: Metrics, name: string): Promise<number> =>
  Number(new RegExp(`^${name} (.*)$`, 'm').exec(await registry.metrics())?.[1]);

/** Names of all that a hub may expose, those of Node among them. */
const namesOf = async ({ registry }: Metrics): Promise<string[]> =>
  (await registry.getMetricsAsJSON()).map(({ name }) => name);

const asked = ['grafana/act-hub.json', 'prometheus/act-hub.rules.yaml']
  .map((path) => readFileSync(new URL(`../../../../deploy/${path}`, import.meta.url), 'utf8'))
  .join();

it('has every series that the dashboard and the alerts ask for', async () => {
  const names = new Set(await namesOf(make()));
  const wanted = [...asked.matchAll(/\b(?:act|nodejs|process)_[a-z0-9_]+/g)].map(([name]) =>
    name.replace(/_(bucket|sum|count)$/, ''),
  );
  expect(wanted.length).toBeGreaterThan(20);
  expect(wanted.filter((name) => !names.has(name))).toEqual([]);
});

it('has no series of its own that neither the dashboard nor an alert shows', async () => {
  const own = (await namesOf(make())).filter((name) => name.startsWith('act_'));
  expect(own.length).toBeGreaterThan(10);
  expect(own.filter((name) => !new RegExp(`\\b${name}(_bucket|_sum|_count)?\\b`).test(asked))).toEqual([]);
});

const commitOf = (events: readonly FramedEvent[], expired: readonly string[] = []): Commit => {
  const changes = noChanges();
  changes.events.push(...events);
  for (const id of expired) changes.expiring.add(id);
  // Of the record only the commands are counted.
  return { record: { commandIds: ['a', 'b'] } as unknown as LogRecord, changes } as Commit;
};

it('counts commands, events and expired leases of a commit', async () => {
  const metrics = make();
  metrics.onCommit(commitOf([], ['s', 't']), 0.003);
  expect(await valueOf(metrics, 'act_batch_commands_sum')).toBe(2);
  expect(await valueOf(metrics, 'act_commit_seconds_sum')).toBe(0.003);
  expect(await valueOf(metrics, 'act_lease_expiries_total')).toBe(2);
});

it('counts the hooks that went on unchecked as their agents tell, and nothing that is no count', async () => {
  const metrics = make();
  const told = (key: string, value: unknown): FramedEvent => ({
    seq: 1,
    type: 'state.updated',
    priority: 'low',
    data: { key, version: 1, value: value as never },
  });
  metrics.onCommit(
    commitOf([
      told('fail-opens/ada', { count: 3 }),
      told('fail-opens/bob', { count: 4 }),
      told('fail-opens/eve', { count: -1_000 }),
      told('fail-opens/eve', { count: 'many' }),
      told('fail-opens/eve', null),
      told('other', { count: 5 }),
    ]),
    0,
  );
  expect(await valueOf(metrics, 'act_hook_fail_opens_total')).toBe(7);
  metrics.onCommit(commitOf([told('fail-opens/eve', { count: 1e15 })]), 0);
  expect(await valueOf(metrics, 'act_hook_fail_opens_total')).toBe(10_007);
});
