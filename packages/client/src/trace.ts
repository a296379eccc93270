import type { Call } from './wire/request.ts';
import type { Result } from './result.ts';

interface TraceSpan {
  setAttribute(name: string, value: string | number): unknown;
  setStatus(status: { code: number; message?: string }): unknown;
  end(): void;
}

/** What is used of `@opentelemetry/api`: that module itself fits. This package does not need it. */
export interface OpenTelemetryApi {
  readonly trace: {
    getTracer(name: string): {
      startSpan(name: string, options: { kind: number }, context: unknown): TraceSpan;
    };
    setSpan(context: unknown, span: TraceSpan): unknown;
  };
  readonly context: { active(): unknown };
  readonly propagation: { inject(context: unknown, carrier: Record<string, string>): void };
}

/** SpanKind.CLIENT and SpanStatusCode.ERROR, which are numbers for good. */
const CLIENT = 2;
const ERROR = 2;

/**
 * Runs a call as a span of the caller’s trace, with the headers that take the trace to the hub (W3C Trace Context). All
 * attempts are one span. Without an API it is the call alone.
 */
export const traced = async (
  api: OpenTelemetryApi | undefined,
  call: Call,
  run: (call: Call) => Promise<Result<unknown>>,
): Promise<Result<unknown>> => {
  if (!api) return run(call);
  const parent = api.context.active();
  const span = api.trace.getTracer('@agentmix/act-client').startSpan(call.name, { kind: CLIENT }, parent);
  if (call.projectId !== undefined) span.setAttribute('act.project', call.projectId);
  const headers: Record<string, string> = {};
  api.propagation.inject(api.trace.setSpan(parent, span), headers);
  try {
    const result = await run({ ...call, traceHeaders: headers });
    if (!result.ok) span.setStatus({ code: ERROR, message: result.refusal.code });
    return result;
  } catch (error) {
    span.setStatus({ code: ERROR, message: error instanceof Error ? error.message : String(error) });
    throw error;
  } finally {
    span.end();
  }
};
