import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { DEFAULT_SETTINGS, GENESIS_HASH } from '@agentmix/act-core';
import type { LogRecord, Store } from '@agentmix/act-core';
import type { Capability, FramedEvent, RefusalCode } from '@agentmix/act-contract';
import { makeMemoryStore } from '@agentmix/act-memory';
import type { Sent } from '../records.ts';
import type { SimulatedHub } from './simulated-hub.ts';
import { makeModel } from './model.ts';
import type { Model } from './model.ts';
import { makeRandom } from './random.ts';
import type { Random } from './random.ts';

const BEGIN = Date.UTC(2026, 0, 1);

export interface Grant {
  readonly taskId: string;
  readonly epoch: number;
  readonly sessionId: string;
}

/** One agent as it sees itself: what it believes to hold may be long gone. */
export interface Actor {
  readonly agentId: string;
  capabilities: readonly Capability[];
  sessionId?: string | undefined;
  /** Does nothing and renews nothing until it comes back, believing what it believed. */
  isCrashed: boolean;
  grants: Grant[];
  /** Grants and sessions of former lives, for zombies. */
  readonly old: Grant[];
}

export type Reply = { readonly events: readonly FramedEvent[] } | { readonly refusal: RefusalCode };

/** A command whose answer was lost on the way: it will be asked again with the same id. */
export interface Lost {
  readonly sent: Sent;
  readonly actor?: Actor | undefined;
  readonly reply: Reply;
}

export interface StagedUpload {
  readonly artifactId: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface Stats {
  commands: number;
  records: number;
  stale: number;
  retries: number;
  readonly accepted: Map<string, number>;
  readonly refused: Map<string, number>;
  readonly eventTypes: Map<string, number>;
}

export interface World {
  /** Anew for every step, so that a step draws the same numbers whether or not the one before was left out. */
  random: Random;
  now: number;
  readonly projectId: string;
  readonly store: Store;
  readonly hubs: SimulatedHub[];
  readonly model: Model;
  readonly actors: Actor[];
  readonly lost: Lost[];
  /** Files that were sent to the store, whatever became of them. */
  readonly uploads: StagedUpload[];
  /** Every record ever committed: the store’s own log may be trimmed. */
  readonly archive: LogRecord[];
  readonly digest: Hash;
  readonly trace: string[];
  readonly stats: Stats;
  lastBeat?: number;
  /** The store’s clock is not ours: leases are then left alone. */
  readonly isRealTime: boolean;
  newId: () => string;
  newCommandId: () => string;
}

export const countUp = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};

const hex = (value: number, digits: number): string =>
  value.toString(16).padStart(digits, '0').slice(-digits);

export interface WorldOptions {
  readonly store?: Store;
  readonly projectId?: string;
}

/** A world before its first command; without a store of its own it gets one in memory on its virtual clock. */
export const makeWorld = (seed: number, { store, projectId }: WorldOptions = {}): World => {
  let made = 0;
  // A version 7 UUID: the time, then a counter, so that ids sort by their making.
  const newId = (): string => {
    const time = hex(world.now, 12);
    const count = hex(++made, 12);
    return `${time.slice(0, 8)}-${time.slice(8)}-7000-8${count.slice(0, 3)}-000${count.slice(3)}`;
  };
  const world: World = {
    random: makeRandom(seed),
    now: BEGIN,
    projectId: projectId ?? '00000000-0000-7000-8000-000000000001',
    store: store ?? makeMemoryStore({ clock: () => world.now }),
    hubs: [],
    model: makeModel(GENESIS_HASH, DEFAULT_SETTINGS),
    actors: [],
    lost: [],
    uploads: [],
    archive: [],
    digest: createHash('sha256'),
    trace: [],
    stats: {
      commands: 0,
      records: 0,
      stale: 0,
      retries: 0,
      accepted: new Map(),
      refused: new Map(),
      eventTypes: new Map(),
    },
    isRealTime: store !== undefined,
    newId,
    newCommandId: newId,
  };
  return world;
};
