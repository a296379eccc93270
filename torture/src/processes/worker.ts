import type { Actor, Stage } from './stage.ts';

/** What a worker process is told. */
export interface WorkerOrders {
  readonly stageDir: string;
  /** Name of its history; agents keep theirs across processes. */
  readonly process: string;
  readonly url: string;
  readonly token: string;
  readonly projectId: string;
  readonly transport: 'rest' | 'socket.io';
  readonly agentIds: readonly string[];
  readonly leaseMs: number;
  readonly workMs: readonly [min: number, max: number];
  /** Share of the grants that are given back rather than completed. */
  readonly giveBackShare: number;
}

/** A worker process that can be killed and comes back with the same agents. */
export class Worker {
  readonly #stage: Stage;
  readonly #orders: Omit<WorkerOrders, 'process'>;
  readonly #name: string;
  #lives = 0;
  #actor: Actor | undefined;

  constructor(stage: Stage, name: string, orders: Omit<WorkerOrders, 'process' | 'stageDir'>) {
    this.#stage = stage;
    this.#name = name;
    this.#orders = { ...orders, stageDir: stage.dir };
  }

  async start(): Promise<void> {
    const orders: WorkerOrders = { ...this.#orders, process: `${this.#name}-${++this.#lives}` };
    this.#actor = this.#stage.start('worker-main', [JSON.stringify(orders)]);
    await this.#actor.message('started');
  }

  async killAndRestart(): Promise<void> {
    this.#actor?.signal('SIGKILL');
    await this.#actor?.exited;
    await this.start();
  }

  async stop(): Promise<void> {
    this.#actor?.send('stop');
    const limit = new Promise<void>((resolve) => setTimeout(resolve, 15_000).unref());
    await Promise.race([this.#actor?.exited, limit]);
  }
}
