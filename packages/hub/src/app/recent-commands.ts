import type { FramedEvent } from '@agentmix/act-contract';
import type { Loaded } from '@agentmix/act-core';
import { timeOf } from './command-id.ts';

export interface RecentCommand {
  readonly fingerprint: number;
  readonly events: readonly FramedEvent[];
}

/** Enough for a quarter of a second of the busiest project measured, and for hours of an ordinary one. */
export const RECENT_COMMANDS_MAX = 8_192;

/**
 * The commands a project committed lately, by id. It answers “was this id committed?” for certain when it finds the
 * id, or when the id was made after `horizon`: every committed id made later is here. An older one has to be looked
 * for in the log. The horizon is the latest time inside any id that is not here, so clocks of clients do not matter.
 */
export class RecentCommands {
  readonly #byId = new Map<string, RecentCommand>();
  #horizon: number;
  #highest: number;

  constructor(horizon: number) {
    this.#horizon = horizon;
    this.#highest = horizon;
  }

  static from({ tail, idHighBefore }: Loaded): RecentCommands {
    const recent = new RecentCommands(idHighBefore);
    for (const record of tail) {
      const events: FramedEvent[] = JSON.parse(record.eventsText);
      let first = 0;
      record.commandIds.forEach((id, at) => {
        const last = first + (record.eventCounts[at] ?? 0);
        recent.add(id, { fingerprint: record.fingerprints[at] ?? 0, events: events.slice(first, last) });
        first = last;
      });
    }
    return recent;
  }

  /** The latest time inside any id ever added: what the next record stores as its `idHigh`. */
  get highest(): number {
    return this.#highest;
  }

  get(id: string): RecentCommand | undefined {
    return this.#byId.get(id);
  }

  isCertainlyNew(id: string): boolean {
    return timeOf(id) > this.#horizon;
  }

  add(id: string, command: RecentCommand): void {
    this.#byId.set(id, command);
    this.#highest = Math.max(this.#highest, timeOf(id));
    if (this.#byId.size <= RECENT_COMMANDS_MAX) return;
    const [oldest] = this.#byId.keys();
    if (oldest === undefined) return;
    this.#byId.delete(oldest);
    this.#horizon = Math.max(this.#horizon, timeOf(oldest));
  }
}
