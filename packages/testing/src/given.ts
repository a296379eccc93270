import { isDeepStrictEqual } from 'node:util';
import {
  DEFAULT_SETTINGS,
  GENESIS_HASH,
  decide,
  derivedOf,
  emptyState,
  hear,
  imageOf,
  makeTalk,
  noChanges,
  restore,
} from '@agentmix/act-core';
import type { Caller, DecisionContext, LaneCommandName, ProjectState } from '@agentmix/act-core';
import { HUB_PROJECT_ID, refusals, timestampOf } from '@agentmix/act-contract';
import type {
  Capability,
  CommandArguments,
  EventData,
  NewEvent,
  ProjectSettings,
  RefusalCode,
  Role,
} from '@agentmix/act-contract';
import { expect } from 'vitest';
import { applyEvents, commandOf } from './records.ts';
import { isSignedBy } from './signatures.ts';

/** The moment of every decision unless a test says otherwise; what was given happened at `GIVEN_AT`. */
export const NOW = Date.UTC(2026, 0, 1, 12);
export const GIVEN_AT = NOW - 60_000;

/** A fixed id: the same number is the same id, whatever it names. */
export const id = (number: number): string => `00000000-0000-7000-8000-${String(number).padStart(12, '0')}`;
/** The nth id that a decision makes. */
export const newId = (number: number): string => id(9_000 + number);
export const PROJECT_ID = id(1);

export interface When {
  /** The decision is these events, or the refusal of this name; `data` is compared with the refusal’s data. */
  readonly then: (...expected: (NewEvent | RefusalCode | Record<string, unknown>)[]) => void;
  /** The events of the decision, already applied to `state`; throws when it was refused. */
  readonly events: readonly NewEvent[];
  readonly state: ProjectState;
}

export interface Given {
  readonly state: ProjectState;
  readonly when: <N extends LaneCommandName>(
    name: N,
    input: CommandArguments<N>,
    context?: Partial<DecisionContext>,
  ) => When;
}

const isRefusal = (value: unknown): value is RefusalCode => typeof value === 'string' && value in refusals;

/** Every decision must leave the derived structures as a rebuilding from rows would make them. */
export const expectDerived = (state: ProjectState): void => {
  const rebuilt = restore(structuredClone(imageOf(state)));
  expect(derivedOf(rebuilt)).toEqual(derivedOf(state));
  expect(imageOf(rebuilt)).toEqual(imageOf(state));
};

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** SHA-256 of the secret that every decision about a key is given. */
export const SECRET_HASH = 'ab'.repeat(32);

/** What a decision knows besides the state and the command, unless a test says otherwise. */
export const contextOf = (more: Partial<DecisionContext> = {}): DecisionContext => ({
  now: NOW,
  newId: () => newId(1),
  seeking: new Set(),
  talk: makeTalk(),
  isSignedBy,
  secretHash: SECRET_HASH,
  ...more,
});

const decideIn = <N extends LaneCommandName>(
  state: ProjectState,
  name: N,
  input: CommandArguments<N>,
  context: Partial<DecisionContext>,
) => {
  let made = 0;
  const before = structuredClone(imageOf(state));
  const decision = decide(
    state,
    commandOf(name, input),
    contextOf({ newId: () => newId(++made), ...context }),
  );
  if (!isDeepStrictEqual(imageOf(state), before)) throw new Error(`deciding ${name} changed the state`);
  return decision;
};

/** The caller that a door makes of a key of this member. */
export const caller = (member: number, role: Role, key?: number): Caller => ({
  memberId: id(member),
  role,
  isOwner: role === 'owner',
  ...(key === undefined ? {} : { keyId: id(key) }),
});

/** A project in which these events have happened, one a record. */
export const given = (...events: NewEvent[]): Given => givenIn(PROJECT_ID, events);

/** The same in the hub’s own project. */
export const givenHub = (...events: NewEvent[]): Given => givenIn(HUB_PROJECT_ID, events);

const givenIn = (projectId: string, events: readonly NewEvent[]): Given => {
  const state = emptyState(projectId);
  applyEvents(state, events, GIVEN_AT, noChanges());
  state.hash = GENESIS_HASH;
  const talk = makeTalk();
  for (const event of events) hear(talk, event, GIVEN_AT);
  return {
    state,
    when: (name, input, context = {}) => {
      const decision = decideIn(state, name, input, { talk, ...context });
      const accepted = 'refusal' in decision ? undefined : decision.events;
      if (accepted) applyEvents(state, accepted, context.now ?? NOW, noChanges());
      return {
        state,
        get events() {
          if (!accepted) throw new Error(`refused: ${JSON.stringify(decision)}`);
          return accepted;
        },
        // It reads given, when, then; nobody awaits it.
        // oxlint-disable-next-line unicorn/no-thenable
        then: (...expected) => {
          const [code, data] = expected;
          if (isRefusal(code))
            expect(decision).toMatchObject({ refusal: { code, ...(data ? { data } : {}) } });
          else expect(plain(accepted ?? decision)).toEqual(plain(expected));
          expectDerived(state);
        },
      };
    },
  };
};

/** Events to begin with. The same number is the same task, phase or session in every one of them. */
export const happened = {
  project: (settings: Partial<ProjectSettings> = {}): NewEvent => ({
    type: 'project.created',
    data: { name: 'project', settings: { ...DEFAULT_SETTINGS, ...settings } },
  }),
  joined: (agentId: string, session: number, capabilities: Capability[] = []): NewEvent => ({
    type: 'agent.registered',
    agentId,
    data: { sessionId: id(session), name: agentId, capabilities, leaseMs: 30_000 },
  }),
  archived: (): NewEvent => ({ type: 'project.updated', data: { status: 'archived' } }),
  member: (number: number, role: Role, more: Partial<EventData<'member.changed'>> = {}): NewEvent => ({
    type: 'member.changed',
    data: { memberId: id(number), kind: 'service', role, ...more },
  }),
  removed: (number: number): NewEvent => ({ type: 'member.removed', data: { memberId: id(number) } }),
  key: (number: number, member: number, more: Partial<EventData<'key.created'>> = {}): NewEvent => ({
    type: 'key.created',
    data: { keyId: id(number), memberId: id(member), ...more },
  }),
  expiring: (number: number, expiresAt: number): NewEvent => ({
    type: 'key.expiring',
    data: { keyId: id(number), expiresAt: timestampOf(expiresAt) },
  }),
  revoked: (number: number): NewEvent => ({ type: 'key.revoked', data: { keyId: id(number) } }),
  task: (number: number, more: Partial<EventData<'task.created'>> = {}): NewEvent => ({
    type: 'task.created',
    data: {
      taskId: id(number),
      title: `task ${number}`,
      type: 'task',
      priority: 2,
      requires: [],
      filePaths: [],
      dependencies: [],
      status: 'ready',
      ...more,
    },
  }),
  /** A task that waits for others. */
  waiting: (
    number: number,
    dependencies: number[],
    more: Partial<EventData<'task.created'>> = {},
  ): NewEvent => happened.task(number, { dependencies: dependencies.map(id), status: 'pending', ...more }),
  phase: (
    number: number,
    dependencies: number[] = [],
    more: Partial<EventData<'phase.created'>> = {},
  ): NewEvent => ({
    type: 'phase.created',
    data: { phaseId: id(number), name: `phase ${number}`, dependencies: dependencies.map(id), ...more },
  }),
  claimed: (number: number, agentId: string, session: number, epoch = 1, attempt = 1): NewEvent => ({
    type: 'task.claimed',
    agentId,
    data: {
      taskId: id(number),
      epoch,
      attempt,
      sessionId: id(session),
      leaseMs: 30_000,
      reasons: ['asked for by id'],
    },
  }),
  completed: (number: number, agentId: string, epoch = 1, actualTime = 1): NewEvent => ({
    type: 'task.completed',
    agentId,
    data: { taskId: id(number), epoch, actualTime },
  }),
  ready: (number: number): NewEvent => ({ type: 'task.ready', data: { taskId: id(number) } }),
  pending: (number: number): NewEvent => ({ type: 'task.pending', data: { taskId: id(number) } }),
  released: (
    number: number,
    reason: EventData<'task.released'>['reason'],
    attempts: number,
    more: Partial<EventData<'task.released'>> & { agentId?: string } = {},
  ): NewEvent => {
    const { agentId, ...data } = more;
    return {
      type: 'task.released',
      ...(agentId === undefined ? {} : { agentId }),
      data: { taskId: id(number), epoch: 1, reason, attempts, ...data },
    };
  },
  parked: (number: number, attempts: number, reason: string, agentId?: string): NewEvent => ({
    type: 'task.failed',
    ...(agentId === undefined ? {} : { agentId }),
    data: { taskId: id(number), attempts, reason },
  }),
  left: (agentId: string, session: number, reason: EventData<'agent.disconnected'>['reason']): NewEvent => ({
    type: 'agent.disconnected',
    agentId,
    data: { sessionId: id(session), reason },
  }),
};
