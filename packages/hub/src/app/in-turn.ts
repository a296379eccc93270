/**
 * Runs something one time after another. Who asks while a run is waiting for the one before shares it: it begins later,
 * and so takes along all that there was to do when it was asked for. A hundred who ask at once cost two runs.
 */
export const inTurn = <T>(run: () => Promise<T>): (() => Promise<T>) => {
  let running: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  const begin = (): Promise<T> => {
    next = undefined;
    const begun = run();
    running = begun;
    return begun;
  };
  return () => (next ??= running.then(begin, begin));
};
