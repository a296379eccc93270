/** Runs steps, at most `atOnceMax` at a time, the others in the order they came. */
export type Limiter = <T>(step: () => Promise<T>) => Promise<T>;

export const limitConcurrency = (atOnceMax: number): Limiter => {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (step) => {
    if (running >= atOnceMax) await new Promise<void>((go) => waiting.push(go));
    else running++;
    try {
      return await step();
    } finally {
      // The place is handed on, so that nobody who comes now can take it first.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
};
