import { bothWays } from './network.ts';
import type { Direction } from './network.ts';
import type { PlacedHub, World } from './world.ts';

/** A cut of one hub's lines. */
export interface Fault {
  readonly name: string;
  readonly victim: PlacedHub;
  readonly directions: readonly Direction[];
  readonly how: 'all' | 'some';
  /** The hub cannot reach its database, or hardly; its callers can reach it. */
  readonly isOfDatabase: boolean;
  /** What dies behind the cut, so that nobody on the other side hears of it. */
  readonly dies?: 'hub' | 'agents';
}

/** All faults in turn, those first that stand for most; hubs take turns in being hit. */
export const faultsOf = ({ network, database, hubs }: World, count: number): Fault[] =>
  Array.from({ length: count }, (_, at) => {
    // A whole round hits one hub, the next the other.
    const [victim, other] = Math.floor(at / 10) % 2 === 0 ? hubs : hubs.toReversed();
    if (!victim || !other) throw new Error('two hubs are needed');
    const hub = victim.host.address;
    const toDatabase = { from: hub, to: database.address };
    const fromDatabase = { from: database.address, to: hub };
    const toAgents = { from: hub, to: network.address };
    const fromAgents = { from: network.address, to: hub };
    const ofDatabase = { victim, how: 'all', isOfDatabase: true } as const;
    const ofAgents = { victim, how: 'all', isOfDatabase: false } as const;
    const faults: readonly Fault[] = [
      { ...ofDatabase, name: 'hub–database', directions: [toDatabase, fromDatabase] },
      { ...ofDatabase, name: 'hub dies behind a cut', directions: [toDatabase, fromDatabase], dies: 'hub' },
      { ...ofAgents, name: 'agents–hub', directions: [toAgents, fromAgents] },
      { ...ofDatabase, name: 'database→hub', directions: [fromDatabase] },
      { ...ofAgents, name: 'hub→agents', directions: [toAgents] },
      { ...ofDatabase, name: 'hub→database', directions: [toDatabase] },
      { ...ofAgents, name: 'agents die behind a cut', directions: [toAgents, fromAgents], dies: 'agents' },
      { ...ofAgents, name: 'agents→hub', directions: [fromAgents] },
      {
        ...ofDatabase,
        name: 'a third of all packets lost',
        directions: [toDatabase, fromDatabase, toAgents, fromAgents],
        how: 'some',
      },
      { ...ofAgents, name: 'hub–hub', directions: bothWays(hub, other.host.address) },
    ];
    const fault = faults[at % faults.length];
    if (!fault) throw new Error('there are faults');
    return fault;
  });
