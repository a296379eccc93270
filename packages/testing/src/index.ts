export { makeRandom } from './simulator/random.ts';
export type { Random } from './simulator/random.ts';
