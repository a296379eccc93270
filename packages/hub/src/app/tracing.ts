/** Where a call came in, and the headers that tell whose trace it is part of (W3C Trace Context). */
export interface Origin {
  readonly door: string;
  readonly carrier: Readonly<Record<string, unknown>>;
}

/** Steps of a command inside of the hub. */
export type Step = 'lane.wait' | 'commit' | 'deliver';

/** What a command carries through the hub where it is traced. Times are of `performance.now()`. */
export interface CallTrace {
  readonly step: (
    name: Step,
    fromMs: number,
    toMs: number,
    attributes?: Readonly<Record<string, number>>,
  ) => void;
}

/** One call at its door. */
export interface CallSpan extends CallTrace {
  readonly end: (code: string) => void;
}

/** Whoever records what calls do. Where nobody does there is none, and nothing is measured for it. */
export interface Tracing {
  /** Begins a call; absent: this one is not recorded. */
  readonly begin: (name: string, origin: Origin) => CallSpan | undefined;
  /** Sends what is recorded, for as long as a stop may take. */
  readonly close: () => Promise<void>;
}
