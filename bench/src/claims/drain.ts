/** The two durable calls of an agent, as a case offers them. Both resolve when the change is committed. */
export interface TaskDoor<Grant> {
  /** Undefined: nothing is left to claim. */
  claim(caller: number): Promise<Grant | undefined>;
  /** Throws when the grant no longer holds. */
  complete(caller: number, grant: Grant): Promise<void>;
}

export interface Drained {
  count: number;
  /** From calling `claim` to having the grant, waiting for a connection included. */
  latenciesMs: number[];
}

/** Runs `callers` loops of claim, no-op, complete side by side until nothing is left to claim. */
export async function drain<Grant>(door: TaskDoor<Grant>, callers: number): Promise<Drained> {
  const latenciesMs: number[] = [];
  const loops = Array.from({ length: callers }, (_, caller) => drainOne(door, caller, latenciesMs));
  const counts = await Promise.all(loops);
  return { count: counts.reduce((sum, count) => sum + count, 0), latenciesMs };
}

async function drainOne<Grant>(
  door: TaskDoor<Grant>,
  caller: number,
  latenciesMs: number[],
): Promise<number> {
  for (let count = 0; ; count += 1) {
    const start = performance.now();
    const grant = await door.claim(caller);
    if (grant === undefined) return count;
    latenciesMs.push(performance.now() - start);
    await door.complete(caller, grant);
  }
}
