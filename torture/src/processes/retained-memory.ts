import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export interface Retained {
  readonly kind: 'memory';
  /** Objects that are in use, and buffers outside of the heap. */
  readonly retainedMb: number;
}

/** What is in use and cannot be collected: resident memory tells as much about V8's patience as about the program. */
export const retainedMemory = (): Retained => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // What only a finalizer or a weak reference holds goes at the second.
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return { kind: 'memory', retainedMb: (heapUsed + arrayBuffers) / 1_048_576 };
};
