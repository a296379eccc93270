/** A signal that aborts when its time is over, or one of its parents or its owner aborts it. */
export interface Deadline {
  readonly signal: AbortSignal;
  abort(): void;
  /** To be called when the work is done: takes down the timer and the links to the parents. */
  dispose(): void;
}

/** Lets the process exit although the timer is set; browsers have no such thing. */
export const unref = (timer: unknown): void => {
  if (typeof timer === 'object' && timer !== null && 'unref' in timer && typeof timer.unref === 'function')
    timer.unref();
};

/** Calls back when a signal aborts, at once if it has; returns how to take that back. */
export type Listen = (signal: AbortSignal, callback: () => void) => () => void;

const listenAlone: Listen = (signal, callback) => {
  if (signal.aborted) callback();
  else signal.addEventListener('abort', callback, { once: true });
  return () => signal.removeEventListener('abort', callback);
};

/**
 * Listens once to a signal on behalf of all who share it: Node warns of a leak from the eleventh listener on,
 * and a hundred calls under one signal are no leak.
 */
export const makeSharedListen = (): Listen => {
  const shared = new WeakMap<AbortSignal, Set<() => void>>();
  return (signal, callback) => {
    if (signal.aborted) {
      callback();
      return () => undefined;
    }
    const callbacks = shared.get(signal) ?? new Set();
    if (!shared.has(signal)) {
      shared.set(signal, callbacks);
      const abort = () => {
        for (const one of callbacks) one();
      };
      signal.addEventListener('abort', abort, { once: true });
    }
    callbacks.add(callback);
    return () => void callbacks.delete(callback);
  };
};

export interface DeadlineOptions {
  readonly background?: boolean;
  /** How to listen to parents that others share. */
  readonly listen?: Listen;
}

/**
 * `ms` may be Infinity. Not AbortSignal.any with AbortSignal.timeout: on Node 20 the signals made from a long-lived parent are kept
 * until the parent goes, which is as long as the hub's client lives.
 */
export const makeDeadline = (
  ms: number,
  parents: readonly (AbortSignal | undefined)[],
  { background = false, listen = listenAlone }: DeadlineOptions = {},
): Deadline => {
  const controller = new AbortController();
  const timer = Number.isFinite(ms)
    ? setTimeout(() => {
        controller.abort(new DOMException(`no answer within ${Math.round(ms)} ms`, 'TimeoutError'));
      }, ms)
    : undefined;
  if (background) unref(timer);
  const links = parents.map((parent) => parent && listen(parent, () => controller.abort(parent.reason)));
  return {
    signal: controller.signal,
    abort: () => controller.abort(),
    dispose() {
      clearTimeout(timer);
      for (const unlink of links) unlink?.();
    },
  };
};

/** Waits; rejects with the signal's reason when that aborts first. In the background it holds no process. */
export const sleep = (ms: number, signal: AbortSignal, background = false): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort);
      resolve();
    }, ms);
    if (background) unref(timer);
    signal.addEventListener('abort', abort, { once: true });
  });

/** Waits for a promise that cannot be cancelled; rejects with the signal's reason when that aborts first. */
export const unlessAborted = async <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> => {
  // Whoever stops waiting must not leave its failure unhandled.
  promise.catch(() => undefined);
  signal.throwIfAborted();
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (abort) signal.removeEventListener('abort', abort);
  }
};
