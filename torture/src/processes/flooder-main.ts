import { setPriority } from 'node:os';
import { floods } from '../floods/floods.ts';
import { makeTally } from '../floods/tally.ts';
import type { FlooderOrder } from './flooder.ts';

/** The attacker. It takes what processor time is left over, so that what neighbours lose they lose to the hub’s work. */
setPriority(19);

let under: { stop: () => void } | undefined;
let tally = makeTally();
process.on('message', (message) => {
  // Only the row sends, and it sends orders.
  const order = message as FlooderOrder;
  if (order.kind === 'flood') {
    tally = makeTally();
    under = floods[order.name](order.target, order.size, tally);
    return;
  }
  under?.stop();
  under = undefined;
  process.send?.({ kind: 'flooded', tally });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ kind: 'started' });
