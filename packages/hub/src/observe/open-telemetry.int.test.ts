import * as openTelemetry from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { connectHub } from '@agentmix/act-client';
import { graphqlCalls } from '@agentmix/act-contract/graphql';
import { makeMemoryStore } from '@agentmix/act-memory';
import { documentOf } from '@agentmix/act-testing/graphql';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startCollector } from '../../test/collector.ts';
import type { Collector, Span } from '../../test/collector.ts';
import { done } from '../../test/door.ts';
import { httpRequest } from '../../test/http-request.ts';
import { connectMcp } from '../../test/mcp-client.ts';
import { bearer, openRest } from '../../test/rest-door.ts';
import { memoryStores, TestHub } from '../../test/start-test-hub.ts';
import { makeProject } from '../../test/world.ts';
import { openTracing } from './open-telemetry.ts';

const ERROR = 2;
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

describe('calls of a hub that has a collector', () => {
  let collector: Collector;
  let hub: TestHub;
  let projectId: string;
  beforeEach(async () => {
    collector = await startCollector();
    const stores = memoryStores(makeMemoryStore({ clock: () => Date.now() }));
    hub = await TestHub.start({ stores, otlpEndpoint: `${collector.url}/` });
    projectId = await makeProject(openRest(hub));
  });
  afterEach(() => collector.close());

  /** What was recorded when the hub is stopped, which sends the last of it. */
  const recorded = async (): Promise<readonly Span[]> => {
    await hub.stop();
    return collector.spans;
  };

  describe('and a caller that traces', () => {
    let provider: BasicTracerProvider;
    beforeAll(() => {
      openTelemetry.propagation.setGlobalPropagator(new W3CTraceContextPropagator());
    });
    beforeEach(() => {
      const exporter = new OTLPTraceExporter({ url: `${collector.url}/v1/traces` });
      provider = new BasicTracerProvider({
        resource: resourceFromAttributes({ 'service.name': 'an agent' }),
        spanProcessors: [new SimpleSpanProcessor(exporter)],
      });
      openTelemetry.trace.setGlobalTracerProvider(provider);
    });
    afterEach(async () => {
      openTelemetry.trace.disable();
      await provider.shutdown();
    });
    afterAll(() => openTelemetry.propagation.disable());

    it.each(['rest', 'socket.io'] as const)(
      'are one trace over %s: the SDK’s call, the door, the wait, the commit, the delivery',
      async (transport) => {
        const client = connectHub({ url: hub.url, token: hub.token, transport, openTelemetry });
        const created = await client.command('task.create', projectId, { title: 'traced' });
        expect(created).toMatchObject({ ok: true });
        await client.close();
        const spans = await recorded();
        const [call] = spans.filter(({ service }) => service === 'an agent');
        expect(call).toMatchObject({ name: 'task.create' });
        const own = spans.filter(
          ({ service, traceId }) => service === 'act-hub' && traceId === call?.traceId,
        );
        const named = (name: string): Span => {
          const found = own.filter((span) => span.name === name);
          expect([name, found.length]).toEqual([name, 1]);
          return found[0] as Span;
        };
        const door = named(`${transport} task.create`);
        const steps = ['lane.wait', 'commit', 'deliver'].map(named);
        expect(own).toHaveLength(4);
        expect(door.parentSpanId).toBe(call?.spanId);
        let at = door.startTimeUnixNano;
        for (const { parentSpanId, startTimeUnixNano, endTimeUnixNano } of steps) {
          expect(parentSpanId).toBe(door.spanId);
          expect(BigInt(startTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(at));
          at = endTimeUnixNano;
        }
        expect(BigInt(door.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(at));
      },
    );

    it('tells of a refusal at both ends', async () => {
      const client = connectHub({ url: hub.url, token: hub.token, openTelemetry });
      const taskId = projectId;
      expect(await client.command('task.retry', projectId, { taskId })).toMatchObject({ ok: false });
      await client.close();
      const failed = (await recorded()).filter(({ status }) => status.code === ERROR);
      expect(failed.map(({ service }) => service).toSorted()).toEqual(['act-hub', 'an agent']);
      for (const { status } of failed) expect(status.message).toBe('task_not_found');
    });
  });

  it('belong to the trace of their headers, at the doors of GraphQL and MCP too', async () => {
    const traceparent = `00-${TRACE}-${PARENT}-01`;
    const headers = { ...bearer(hub), traceparent, 'content-type': 'application/json' };
    const call = graphqlCalls.find(({ name }) => name === 'project.get');
    const query = call && documentOf(call);
    const body = JSON.stringify({ query, variables: { projectId } });
    await httpRequest(`${hub.url}/graphql`, { method: 'POST', headers, body });
    const mcp = await connectMcp(hub, { traceparent, 'act-project': projectId, 'act-agent': 'ann' });
    await mcp.call('act_status');
    await mcp.close();
    const doors = (await recorded()).filter(({ parentSpanId }) => parentSpanId === PARENT);
    expect(new Set(doors.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
    const names = doors.map(({ name }) => name);
    expect(names).toContain('graphql project.get');
    expect(names.some((name) => name.startsWith('mcp '))).toBe(true);
  });

  it('are not recorded where their trace is not', async () => {
    const headers = { ...bearer(hub), traceparent: `00-${TRACE}-${PARENT}-00` };
    await httpRequest(`${hub.url}/v1/projects/${projectId}`, { headers });
    const spans = await recorded();
    expect(spans.length).toBeGreaterThan(0);
    expect(spans.filter(({ traceId }) => traceId === TRACE)).toEqual([]);
  });
});

it('answers as ever, and stops, when the collector is away', async () => {
  const stores = memoryStores(makeMemoryStore({ clock: () => Date.now() }));
  const hub = await TestHub.start({ stores, otlpEndpoint: 'http://127.0.0.1:9' });
  const rest = openRest(hub);
  const projectId = await makeProject(rest);
  await done(rest, 'task.create', projectId, { title: 'unseen' });
  const asked = performance.now();
  await hub.stop();
  expect(performance.now() - asked).toBeLessThan(5_000);
});

it('takes a trace’s headers as they may come from anybody', () => {
  const tracing = openTracing('http://127.0.0.1:9');
  for (const traceparent of [
    '',
    'x',
    `00-${'0'.repeat(32)}-${PARENT}-01`,
    ['a', 'b'],
    7,
    null,
    'z'.repeat(9_000),
  ])
    tracing.begin('task.create', { door: 'rest', carrier: { traceparent } })?.end('ok');
});
