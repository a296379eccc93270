import { createHash } from 'node:crypto';
import { commands, HUB_ACTOR, priorityOf, recordText } from '@agentmix/act-contract';
import type { CommandArguments, FramedEvent, NewEvent, Refusal } from '@agentmix/act-contract';
import { decide, evolve, fingerprint, noChanges } from '@agentmix/act-core';
import type {
  Changes,
  Commit,
  DecisionContext,
  LaneCommand,
  LaneCommandName,
  LogRecord,
  ProjectState,
} from '@agentmix/act-core';

/** A command on its way to a project, with its idempotency key. */
export interface Sent {
  readonly commandId: string;
  readonly command: LaneCommand;
}
export type Outcome = { readonly events: readonly FramedEvent[] } | { readonly refusal: Refusal };

/** Gives a command’s arguments the defaults of the contract; throws on what no door would let in. */
export const commandOf = <N extends LaneCommandName>(name: N, input: CommandArguments<N>): LaneCommand =>
  // The row’s schema has made the input; TypeScript cannot pair it with its name.
  ({ name, input: commands[name].input.parse(input) }) as LaneCommand;

export const fingerprintOf = ({ name, input }: LaneCommand): number =>
  fingerprint(JSON.stringify([name, input]));

/** The time inside a UUIDv7, in epoch milliseconds. */
export const timeOfId = (id: string): number => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);

/** A link of the project’s hash chain. */
export const hashOf = (record: Omit<LogRecord, 'hash'>): string =>
  createHash('sha256').update(recordText(record)).digest('hex');

const framed = (seq: number, event: NewEvent): FramedEvent => ({
  seq,
  priority: priorityOf(event.type),
  ...event,
});

/** Applies what was decided; throws when the events do not follow from the state, which is a defect. */
export const applyEvents = (
  state: ProjectState,
  events: readonly NewEvent[],
  at: number,
  changes: Changes,
): FramedEvent[] =>
  events.map((event) => {
    const placed = framed(state.seq + 1, event);
    evolve(state, placed, at, changes);
    return placed;
  });

export interface Batch {
  readonly outcomes: readonly Outcome[];
  /** Absent when nothing happened: then there is nothing to commit. */
  readonly commit?: Commit;
}

export interface BatchOptions extends DecisionContext {
  /** The latest time inside any command id before this batch. */
  readonly idHigh?: number;
  /** Called after each command, with the state as it is then. */
  readonly onDecided?: (sent: Sent, outcome: Outcome, state: ProjectState) => void;
}

/** What a lane does with a batch: decides and applies each command in order and makes one record of them all. */
export const decideBatch = (state: ProjectState, batch: readonly Sent[], options: BatchOptions): Batch => {
  const changes = noChanges();
  const expectedSeq = state.seq;
  const accepted: { sent: Sent; events: readonly FramedEvent[] }[] = [];
  const outcomes = batch.map((sent): Outcome => {
    const decision = decide(state, sent.command, options);
    if ('refusal' in decision) return decision;
    const events = applyEvents(state, decision.events, options.now, changes);
    changes.letters.push(...(decision.letters ?? []));
    changes.secrets.push(...(decision.secrets ?? []));
    changes.names.push(...(decision.names ?? []));
    const outcome = { events };
    // A command that changes nothing leaves no trace: repeated, it is decided anew.
    if (events.length > 0) accepted.push({ sent, events });
    options.onDecided?.(sent, outcome, state);
    return outcome;
  });
  if (state.seq === expectedSeq) return { outcomes };
  const unhashed = {
    projectId: state.id,
    firstSeq: expectedSeq + 1,
    lastSeq: state.seq,
    at: options.now,
    commandIds: accepted.map(({ sent }) => sent.commandId),
    actors: accepted.map(() => options.caller?.memberId ?? HUB_ACTOR),
    eventCounts: accepted.map(({ events }) => events.length),
    fingerprints: accepted.map(({ sent }) => fingerprintOf(sent.command)),
    idHigh: Math.max(options.idHigh ?? 0, ...accepted.map(({ sent }) => timeOfId(sent.commandId))),
    eventsText: JSON.stringify(changes.events),
    previousHash: state.hash,
  };
  const record: LogRecord = { ...unhashed, hash: hashOf(unhashed) };
  state.hash = record.hash;
  return { outcomes, commit: { record, expectedSeq, state, changes } };
};

/** Applies the records of a log to a state, as a replica does that catches up. */
export const foldRecords = (state: ProjectState, records: readonly LogRecord[]): ProjectState => {
  for (const record of records) {
    // A record holds what was committed: framed events.
    for (const event of JSON.parse(record.eventsText) as FramedEvent[])
      evolve(state, event, record.at, noChanges());
    state.hash = record.hash;
  }
  return state;
};
