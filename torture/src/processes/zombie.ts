/** What a zombie process is told. */
export interface ZombieOrders {
  readonly url: string;
  readonly token: string;
  readonly projectId: string;
  readonly agentId: string;
  readonly taskId: string;
  readonly leaseMs: number;
  /** `stopped`: its session is over. `regranted`: its session lives, and holds the task by a later grant. */
  readonly kind: 'stopped' | 'regranted';
}

/** One call of a zombie and what came of it. */
export interface ZombieShot {
  readonly name: string;
  readonly door: 'rest' | 'graphql' | 'socket.io' | 'sdk';
  readonly type: 'ok' | 'fail' | 'info';
  readonly refusal: string | undefined;
}
