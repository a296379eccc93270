/**
 * Hands the numbers from 0 to `count` − 1 to the workers, each of which asks for the next when it is done with one.
 * Returns how long each took, in ms.
 */
export async function drive<Worker>(
  workers: readonly Worker[],
  count: number,
  work: (worker: Worker, number: number, workerIndex: number) => Promise<void>,
): Promise<number[]> {
  const latenciesMs: number[] = [];
  let next = 0;
  await Promise.all(
    workers.map(async (worker, index) => {
      while (next < count) {
        const number = next;
        next += 1;
        const start = performance.now();
        await work(worker, number, index);
        latenciesMs.push(performance.now() - start);
      }
    }),
  );
  return latenciesMs;
}
