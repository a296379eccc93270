import { createHash } from 'node:crypto';
import { HUB_ACTOR, priorityOf, recordText } from '@agentmix/act-contract';
import type { FramedEvent, NewEvent, Refusal } from '@agentmix/act-contract';
import {
  answer,
  decide,
  evolve,
  fingerprint,
  hear,
  hearContent,
  hearRefusal,
  noChanges,
} from '@agentmix/act-core';
import type {
  Accepted,
  Caller,
  Changes,
  Commit,
  DecisionContext,
  LaneCommand,
  LogRecord,
  ProjectState,
  Talk,
} from '@agentmix/act-core';
import { timeOf } from './command-id.ts';
import type { CallTrace } from './tracing.ts';
import { eventsOf } from './recent-commands.ts';
import type { EventSource, RecentCommand, RecentCommands } from './recent-commands.ts';

/** What a caller gets: the output of the contract and the log position it is true at, or a refusal. */
export type Outcome =
  | {
      readonly ok: true;
      readonly output: unknown;
      readonly seq: number;
      /** The command was committed before; nothing happened now. */
      readonly isRepeated?: true;
    }
  | { readonly ok: false; readonly refusal: Refusal };

export const unavailable = (detail: string): Extract<Outcome, { ok: false }> => ({
  ok: false,
  refusal: { code: 'unavailable', detail, data: { retryAfter: 1 } },
});

export const overloaded = (waiting: number): Outcome => ({
  ok: false,
  refusal: { code: 'overloaded', detail: `${waiting} commands wait`, data: { retryAfter: 1 } },
});

/** Who gives a command, and what was made for it that neither the log nor its fingerprint may tell. */
export interface Giver {
  /** Absent: the hub itself. */
  readonly caller?: Caller | undefined;
  readonly secretHash?: string | undefined;
}

export interface Traced {
  /** Absent: nobody records what becomes of it. */
  readonly trace?: CallTrace | undefined;
}

export interface Waiting extends Giver, Traced {
  readonly id: string;
  /** Epoch milliseconds inside the id. */
  readonly madeAt: number;
  readonly command: LaneCommand;
  readonly resolve: (outcome: Outcome) => void;
  /** Monotonic milliseconds at which it came. */
  readonly queuedAt: number;
  /** Sent alone, after a batch with it was refused by the database. */
  solo: boolean;
}

/** The seekers are this batch’s own: who got a task is taken out. */
export interface BatchContext extends DecisionContext {
  readonly seeking: Set<string>;
}

export interface Batch {
  readonly waiting: readonly Waiting[];
  readonly outcomes: readonly Outcome[];
  /** Absent when no command of the batch changed anything. */
  readonly commit?: Commit;
}

/** Of giver, name and input: a repeated id must mean the same command, of the same member. */
const fingerprintOf = ({ name, input }: LaneCommand, actor: string): number =>
  fingerprint(`${actor} ${name} ${JSON.stringify(input)}`);

/** A link of the project’s hash chain. */
const hashRecord = (record: Omit<LogRecord, 'hash'>): string =>
  createHash('sha256').update(recordText(record)).digest('hex');

const frameEvent = (event: NewEvent, seq: number): FramedEvent =>
  // One event type’s data stays with that type; TypeScript loses the pairing.
  (event.agentId === undefined
    ? { seq, type: event.type, priority: priorityOf(event.type), data: event.data }
    : {
        seq,
        type: event.type,
        agentId: event.agentId,
        priority: priorityOf(event.type),
        data: event.data,
      }) as FramedEvent;

const REUSED: Outcome = {
  ok: false,
  refusal: { code: 'idempotency_key_reused', detail: 'this command id was used with another name or input' },
};

/** The answer of a command that was committed before, made again from its events. */
const repeated = (
  state: ProjectState,
  { command }: Waiting,
  known: RecentCommand,
  print: number,
): Outcome => {
  if (known.fingerprint !== print) return REUSED;
  const events = eventsOf(known);
  const output = answer(command, events, state);
  return { ok: true, output, seq: events.at(-1)?.seq ?? state.seq, isRepeated: true };
};

/** What a decision says that no event tells: it goes to tables of its own. */
const takeUnlogged = (
  { letters, secrets, names }: Accepted,
  changes: Changes,
  talk: Talk,
  at: number,
): void => {
  for (const letter of letters ?? []) {
    hearContent(talk, letter, at);
    changes.letters.push(letter);
  }
  if (secrets) changes.secrets.push(...secrets);
  if (names) changes.names.push(...names);
};

/** The hub’s own commands that follow from a refusal: nobody waits for their answers. */
const following = (
  refused: Waiting,
  refusal: Refusal,
  state: ProjectState,
  { talk, newId }: Pick<DecisionContext, 'talk' | 'newId'>,
  at: number,
): Waiting[] => {
  const command = hearRefusal(talk, state, refused, refusal, at);
  if (!command) return [];
  const id = newId();
  const { queuedAt } = refused;
  return [{ id, madeAt: timeOf(id), command, resolve: () => undefined, queuedAt, solo: false }];
};

/**
 * Decides commands one after another, each on what the one before left, and makes one record of what they change.
 * The state and the recent commands move on; when the commit fails both are thrown away.
 */
export const decideBatch = (
  state: ProjectState,
  recent: RecentCommands,
  waiting: readonly Waiting[],
  context: BatchContext,
  at: number,
): Batch => {
  const expectedSeq = state.seq;
  const own: Omit<DecisionContext, keyof Giver> & { -readonly [K in keyof Giver]: Giver[K] } = { ...context };
  const changes = noChanges();
  const commandIds: string[] = [];
  const actors: string[] = [];
  const eventCounts: number[] = [];
  const fingerprints: number[] = [];
  const texts: string[] = [];
  const source: EventSource = { text: '' };
  const all = [...waiting];
  const decideOne = (one: Waiting): Outcome => {
    const actor = one.caller?.memberId ?? HUB_ACTOR;
    const print = fingerprintOf(one.command, actor);
    const known = recent.get(one.id);
    if (known?.source === source) source.text = `[${texts.join(',')}]`;
    if (known) return repeated(state, one, known, print);
    own.caller = one.caller;
    own.secretHash = one.secretHash;
    const decision = decide(state, one.command, own);
    if ('refusal' in decision) {
      all.push(...following(one, decision.refusal, state, own, at));
      return { ok: false, refusal: decision.refusal };
    }
    const events = decision.events.map((event) => {
      const framed = frameEvent(event, state.seq + 1);
      evolve(state, framed, at, changes);
      texts.push(JSON.stringify(framed));
      hear(own.talk, framed, at);
      return framed;
    });
    takeUnlogged(decision, changes, own.talk, at);
    if (events.length > 0) {
      // Who got a task no longer stands in the way of those who ask after it.
      if (one.command.name === 'task.next') context.seeking.delete(one.command.input.sessionId);
      commandIds.push(one.id);
      actors.push(actor);
      eventCounts.push(events.length);
      fingerprints.push(print);
      const first = texts.length - events.length;
      recent.add(one.id, { madeAt: one.madeAt, fingerprint: print, source, first, count: events.length });
    }
    return { ok: true, output: answer(one.command, events, state), seq: state.seq };
  };
  const outcomes: Outcome[] = [];
  // The list grows while it is gone through: what a refusal leads to is part of the same record.
  for (const one of all) outcomes.push(decideOne(one));
  if (texts.length === 0) return { waiting: all, outcomes };
  source.text = `[${texts.join(',')}]`;
  const unhashed = {
    projectId: state.id,
    firstSeq: expectedSeq + 1,
    lastSeq: state.seq,
    at,
    commandIds,
    actors,
    eventCounts,
    fingerprints,
    idHigh: recent.highest,
    eventsText: source.text,
    previousHash: state.hash,
  };
  state.hash = hashRecord(unhashed);
  const record = { ...unhashed, hash: state.hash };
  return { waiting: all, outcomes, commit: { record, expectedSeq, state, changes } };
};
