/** What a process of poisoned agents is told. */
export interface PoisonOrders {
  readonly url: string;
  readonly token: string;
  readonly projectId: string;
  readonly agentIds: readonly string[];
  readonly capability: string;
  readonly leaseMs: number;
  /** `dying`: says when it holds tasks, to be killed. `clinging`: never finishes and never says anything of its work. */
  readonly kind: 'dying' | 'clinging';
}
