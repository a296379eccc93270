/** What the beating process is told. */
export interface HeartbeatOrders {
  readonly url: string;
  readonly token: string;
  readonly projectIds: readonly string[];
  /** In each project. */
  readonly sessions: number;
  readonly leaseMs: number;
  readonly perSecond: number;
}

export interface HeartbeatFigures {
  readonly kind: 'figures';
  readonly answered: number;
  /** Of a session that the hub says has ended, though it was never silent for its lease. */
  readonly expired: number;
  /** Had no answer: the connection broke. */
  readonly broken: number;
  /** Were due, and not sent: too many waited for their answers. */
  readonly held: number;
  readonly perSecond: number;
  readonly p99Ms: number;
}
