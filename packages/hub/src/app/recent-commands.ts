import type { FramedEvent } from '@agentmix/act-contract';
import type { Loaded, LogRecord } from '@agentmix/act-core';
import { timeOf } from './command-id.ts';

/** Where a command’s events lie: in the JSON array of a record. Kept as text: objects by the thousand cost the collector. */
export interface EventSource {
  text: string;
}

export interface RecentCommand {
  /** Epoch milliseconds inside its id. */
  readonly madeAt: number;
  readonly fingerprint: number;
  readonly source: EventSource;
  readonly first: number;
  readonly count: number;
}

export const eventsOf = ({ source, first, count }: RecentCommand): FramedEvent[] => {
  const events: FramedEvent[] = JSON.parse(source.text);
  return events.slice(first, first + count);
};

/** Commands of a generation; one to two generations are kept. Enough for a quarter of a second of the busiest project measured, and for hours of an ordinary one. */
const GENERATION_COMMANDS = 4_096;
export const RECENT_COMMANDS_MAX = 2 * GENERATION_COMMANDS;
/** A generation ends early when the records it keeps are this long, in characters. */
const GENERATION_TEXT_MAX = 8_388_608;

/**
 * The commands a project committed lately, by id. It answers “was this id committed?” for certain when it finds the
 * id, or when the id was made after `horizon`: every committed id made later is here. An older one has to be looked
 * for in the log. The horizon is the latest time inside any id that is not here, so clocks of clients do not matter.
 */
export class RecentCommands {
  #young = new Map<string, RecentCommand>();
  #old = new Map<string, RecentCommand>();
  /** The latest time inside any id of the old generation and of all before it. */
  #oldHighest: number;
  #horizon: number;
  #highest: number;
  #textLength = 0;
  #lastSource: EventSource | undefined;

  constructor(horizon: number) {
    this.#horizon = horizon;
    this.#oldHighest = horizon;
    this.#highest = horizon;
  }

  static from({ tail, idHighBefore }: Loaded): RecentCommands {
    const recent = new RecentCommands(idHighBefore);
    for (const record of tail) recent.addRecord(record);
    return recent;
  }

  /** Adds the commands of a committed record. */
  addRecord({ eventsText, commandIds, eventCounts, fingerprints }: LogRecord): void {
    const source = { text: eventsText };
    let first = 0;
    commandIds.forEach((id, at) => {
      const count = eventCounts[at] ?? 0;
      this.add(id, { madeAt: timeOf(id), fingerprint: fingerprints[at] ?? 0, source, first, count });
      first += count;
    });
  }

  /** The latest time inside any id ever added: what the next record stores as its `idHigh`. */
  get highest(): number {
    return this.#highest;
  }

  get(id: string): RecentCommand | undefined {
    return this.#young.get(id) ?? this.#old.get(id);
  }

  isCertainlyNew(madeAt: number): boolean {
    return madeAt > this.#horizon;
  }

  add(id: string, command: RecentCommand): void {
    this.#young.set(id, command);
    this.#highest = Math.max(this.#highest, command.madeAt);
    // The commands of one record share its text; the text of a record that is still being made is counted with the next.
    if (this.#lastSource !== command.source) {
      this.#textLength += this.#lastSource?.text.length ?? 0;
      this.#lastSource = command.source;
    }
    if (this.#young.size < GENERATION_COMMANDS && this.#textLength < GENERATION_TEXT_MAX) return;
    this.#textLength = 0;
    this.#horizon = this.#oldHighest;
    this.#oldHighest = this.#highest;
    this.#old = this.#young;
    this.#young = new Map();
  }
}
