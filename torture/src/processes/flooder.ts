import type { Target } from '../floods/crowd.ts';
import type { FloodName, FloodSize } from '../floods/floods.ts';
import type { Tally } from '../floods/tally.ts';

export type FlooderOrder =
  | { readonly kind: 'flood'; readonly name: FloodName; readonly target: Target; readonly size: FloodSize }
  | { readonly kind: 'rest' };

/** Sent when a flood has ended. */
export interface Flooded {
  readonly kind: 'flooded';
  readonly tally: Tally;
}
