import { setTimeout as sleep } from 'node:timers/promises';
import { defaultTextMapGetter, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Tracing } from '../app/tracing.ts';
import { VERSION } from '../version.ts';

const SERVICE = 'act-hub';
const CLOSE_MS_MAX = 2_000;

/** One clock for all of a call: left to itself the library corrects each span’s by another offset. */
const epochMs = (monotonicMs: number): number => performance.timeOrigin + monotonicMs;

/**
 * Spans of calls, sent to a collector over OTLP and HTTP. Loaded where one is named only. What is recorded is up to the
 * caller’s trace, and to OTEL_TRACES_SAMPLER where it has none; a collector that is away costs spans and nothing else.
 */
export const openTracing = (endpoint: string): Tracing => {
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': SERVICE, 'service.version': VERSION }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  });
  const tracer = provider.getTracer(SERVICE, VERSION);
  const propagator = new W3CTraceContextPropagator();
  return {
    begin: (name, { door, carrier }) => {
      const parent = propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
      const startTime = epochMs(performance.now());
      const attributes = { 'act.door': door, 'act.call': name };
      const options = { kind: SpanKind.SERVER, startTime, attributes };
      const call = tracer.startSpan(`${door} ${name}`, options, parent);
      if (!call.isRecording()) return undefined;
      const own = trace.setSpan(parent, call);
      return {
        step: (step, fromMs, toMs, facts = {}) =>
          tracer.startSpan(step, { startTime: epochMs(fromMs), attributes: facts }, own).end(epochMs(toMs)),
        end: (code) => {
          if (code !== 'ok') call.setStatus({ code: SpanStatusCode.ERROR, message: code });
          call.end(epochMs(performance.now()));
        },
      };
    },
    close: async () => {
      const late = sleep(CLOSE_MS_MAX, undefined, { ref: false });
      // What a collector does not take by then is lost: no stop waits for it.
      await Promise.race([provider.shutdown(), late]).catch(() => undefined);
    },
  };
};
