/** What the neighbours are told, and what they answer at the end. */
export interface NeighbourOrders {
  readonly url: string;
  readonly token: string;
  readonly agents: number;
  /** Pause between two calls of an agent. */
  readonly pauseMs: number;
}

export interface Sample {
  /** Epoch milliseconds of the call’s beginning. */
  readonly at: number;
  readonly ms: number;
  /** Absent when it was answered ok. */
  readonly error?: string;
}

export interface Samples {
  readonly kind: 'samples';
  readonly calls: readonly Sample[];
  /** A new connection with a valid token, ten times a second. */
  readonly probes: readonly Sample[];
}
