import type { Instance } from './parse.ts';

/** `unknown`: the puller sees every duration as 1, the simulation runs with the true ones. */
export type Durations = 'known' | 'unknown';

export interface Grant {
  readonly agentId: string;
  readonly taskId: string;
}

/**
 * An assignment policy as the simulator drives it: agents that are idle ask for work, and the policy hands out ready
 * tasks. One puller serves one simulation.
 */
export interface Puller {
  /** Called once, first. With unknown durations the instance carries 1 for each of them. */
  start(instance: Instance, options: { readonly durations: Durations }): void;
  /** The grants made at this instant, at most one per idle agent. Called again, with who is left, until it is empty. */
  pull(idleAgents: readonly string[], now: number): readonly Grant[];
  complete(agentId: string, taskId: string, now: number): void;
}
