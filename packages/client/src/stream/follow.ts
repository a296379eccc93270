import { expandFrame } from '@agentmix/act-contract';
import type { ActEvent, Frame, QueryOutput, Refusal } from '@agentmix/act-contract';
import { backoffMs } from '../backoff.ts';
import type { RetryPolicy } from '../backoff.ts';
import { sleep } from '../deadline.ts';
import { ActUnavailable } from '../errors.ts';
import type { Result } from '../result.ts';
import { mayPass } from '../wire/problem.ts';
import type { Signal, StreamSource } from './source.ts';

export type Snapshot = QueryOutput<'project.snapshot'>;

/**
 * What a stream yields. `reset`: the log does not reach back to the cursor, or no longer reaches it; whatever
 * was built from earlier events is to be replaced by the snapshot, and the events after `snapshot.seq` follow.
 * `refused`: the hub ended the stream for good; this is its last item.
 */
export type StreamItem =
  | { readonly kind: 'event'; readonly event: ActEvent }
  | { readonly kind: 'reset'; readonly reason: Refusal; readonly snapshot: Snapshot }
  | { readonly kind: 'refused'; readonly reason: Refusal };

export interface Follow {
  readonly projectId: string;
  readonly after?: number;
  readonly source: StreamSource;
  readonly snapshot: (signal: AbortSignal) => Promise<Result<Snapshot>>;
  readonly retry: RetryPolicy;
  readonly signal: AbortSignal;
  readonly onCursor?: (cursor: number) => void;
  readonly onReconnect?: (cause: string, delayMs: number) => void;
}

/** How a connection ended: `dropped` may be resumed, `refused` says why not. */
type End =
  | { readonly kind: 'dropped'; readonly cause: unknown; readonly retryAfterMs?: number }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** Where the consumer is, across connections. */
interface Progress {
  cursor?: number;
  opened: boolean;
  /** Connections in a row that brought nothing new. */
  failures: number;
}

const dropped = (cause: unknown, retryAfterMs?: number): End => ({
  kind: 'dropped',
  cause,
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});

const advance = (progress: Progress, seq: number): void => {
  progress.cursor = seq;
  progress.failures = 0;
};

/** The events of a frame that the consumer has not seen, and the seq of the first one missing, if any is. */
const unseen = (progress: Progress, frame: Frame): { fresh: ActEvent[]; missing: number | undefined } => {
  const fresh: ActEvent[] = [];
  let next = (progress.cursor ?? frame.firstSeq - 1) + 1;
  for (const event of expandFrame(frame)) {
    if (event.seq < next) continue;
    if (event.seq > next) return { fresh, missing: next };
    fresh.push(event);
    next++;
  }
  return { fresh, missing: next <= frame.lastSeq ? next : undefined };
};

async function* readConnection(
  follow: Follow,
  progress: Progress,
): AsyncGenerator<StreamItem, End, undefined> {
  const { projectId, source, signal } = follow;
  const { cursor } = progress;
  const connection = source(
    { projectId, resumed: progress.opened, ...(cursor === undefined ? {} : { cursor }) },
    signal,
  );
  try {
    for (;;) {
      let step: IteratorResult<Signal, void>;
      try {
        step = await connection.next();
      } catch (cause) {
        return dropped(cause);
      }
      if (step.done) return dropped(new Error('the hub closed the stream'));
      const one = step.value;
      switch (one.kind) {
        case 'open':
          progress.cursor ??= one.cursor;
          progress.opened = true;
          break;
        case 'refused':
          if (!mayPass(one.status)) return { kind: 'refused', refusal: one.refusal };
          return dropped(new Error(`the hub closed the stream: ${one.refusal.code}`), one.retryAfterMs);
        case 'frame': {
          const { fresh, missing } = unseen(progress, one.frame);
          for (const event of fresh) {
            advance(progress, event.seq);
            yield { kind: 'event', event };
            follow.onCursor?.(event.seq);
            if (signal.aborted) return dropped(signal.reason);
          }
          if (missing !== undefined) return dropped(new Error(`event ${missing} is missing in the stream`));
        }
      }
    }
  } finally {
    await connection.return();
  }
}

/**
 * Takes a snapshot for a cursor that the log does not hold. A cursor that only one replica called ahead of the
 * log is not reset: the snapshot shows that the log has it.
 */
async function* reset(
  follow: Follow,
  progress: Progress,
  reason: Refusal,
): AsyncGenerator<StreamItem, End | undefined, undefined> {
  let result: Result<Snapshot>;
  try {
    result = await follow.snapshot(follow.signal);
  } catch (cause) {
    return dropped(cause);
  }
  if (!result.ok && result.refusal.code === 'internal') return dropped(new Error('no snapshot: internal'));
  if (!result.ok) return { kind: 'refused', refusal: result.refusal };
  const snapshot = result.value;
  if (reason.code === 'cursor_in_future' && snapshot.seq >= (progress.cursor ?? 0))
    return dropped(new Error('the hub is behind the cursor'));
  progress.opened = true;
  advance(progress, snapshot.seq);
  yield { kind: 'reset', reason, snapshot };
  follow.onCursor?.(snapshot.seq);
  return undefined;
}

const isReset = (refusal: Refusal): boolean =>
  refusal.code === 'cursor_too_old' || refusal.code === 'cursor_in_future';

const waitToReopen = async (
  follow: Follow,
  progress: Progress,
  end: { readonly cause: unknown; readonly retryAfterMs?: number },
  startedAt: number,
): Promise<void> => {
  progress.failures++;
  const text = end.cause instanceof Error ? end.cause.message : String(end.cause);
  const elapsedMs = performance.now() - startedAt;
  if (!progress.opened && elapsedMs >= follow.retry.totalMs)
    throw new ActUnavailable(
      `events of project ${follow.projectId}: no stream after ${progress.failures} attempts in ` +
        `${(elapsedMs / 1_000).toFixed(1)} s; last: ${text}`,
      { attempts: progress.failures, elapsedMs, cause: end.cause },
    );
  const delayMs = backoffMs(follow.retry, progress.failures, end.retryAfterMs);
  follow.onReconnect?.(text, delayMs);
  await sleep(delayMs, follow.signal);
};

/**
 * Follows a project's events through broken connections and restarts of the hub: each event once, in order,
 * none left out. A stream that once was open is reopened for ever; one that never opens throws ActUnavailable
 * after the time allowed. Ends quietly when the signal aborts.
 */
export async function* followEvents(follow: Follow): AsyncGenerator<StreamItem, void, undefined> {
  const progress: Progress = {
    opened: false,
    failures: 0,
    ...(follow.after === undefined ? {} : { cursor: follow.after }),
  };
  const startedAt = performance.now();
  while (!follow.signal.aborted) {
    const connectedAt = performance.now();
    let end: End | undefined = yield* readConnection(follow, progress);
    if (follow.signal.aborted) return;
    if (performance.now() - connectedAt > follow.retry.delayMsMax) progress.failures = 0;
    if (end.kind === 'refused' && isReset(end.refusal)) end = yield* reset(follow, progress, end.refusal);
    if (end === undefined) continue;
    if (end.kind === 'refused') {
      yield { kind: 'refused', reason: end.refusal };
      return;
    }
    try {
      await waitToReopen(follow, progress, end, startedAt);
    } catch (error) {
      if (follow.signal.aborted) return;
      throw error;
    }
  }
}
