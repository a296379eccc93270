import { Lane } from './lane.ts';
import type { LaneEnvironment } from './lane-environment.ts';

const IDLE_MS = 10 * 60_000;
const IDLE_LANES_MAX = 512;

/** The lanes of the projects that are in use; idle ones are forgotten, since the database has everything. */
export class Lanes {
  readonly #env: LaneEnvironment;
  readonly #lanes = new Map<string, Lane>();

  constructor(env: LaneEnvironment) {
    this.#env = env;
  }

  of(projectId: string): Lane {
    const known = this.#lanes.get(projectId);
    if (known) return known;
    if (this.#lanes.size >= IDLE_LANES_MAX) this.evict(0);
    const lane = new Lane(projectId, this.#env);
    this.#lanes.set(projectId, lane);
    return lane;
  }

  /** The lane, if it is in use. */
  peek(projectId: string): Lane | undefined {
    return this.#lanes.get(projectId);
  }

  all(): Iterable<Lane> {
    return this.#lanes.values();
  }

  get depth(): number {
    let depth = 0;
    for (const lane of this.#lanes.values()) depth += lane.depth;
    return depth;
  }

  /** Of the lane in which most commands wait. */
  get deepest(): number {
    let deepest = 0;
    for (const lane of this.#lanes.values()) deepest = Math.max(deepest, lane.depth);
    return deepest;
  }

  /** How long the first has waited in the slowest of the lanes in which at least so many wait. */
  waitedMs(commands: number): number {
    let longest = 0;
    for (const lane of this.#lanes.values())
      if (lane.depth >= commands) longest = Math.max(longest, lane.waitedMs);
    return longest;
  }

  /** Forgets lanes not used for so long; those of projects that do not exist at once. */
  evict(idleMs: number = IDLE_MS): void {
    const before = performance.now() - idleMs;
    for (const [id, lane] of this.#lanes) {
      if (lane.isIdle && (lane.lastUsed < before || lane.state?.seq === 0)) this.#lanes.delete(id);
    }
  }

  async drain(): Promise<void> {
    await Promise.all([...this.#lanes.values()].map((lane) => lane.drain()));
  }
}
