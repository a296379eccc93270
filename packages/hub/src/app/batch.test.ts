import { HUB_ACTOR } from '@agentmix/act-contract';
import type { Caller, LaneCommand } from '@agentmix/act-core';
import { emptyState, makeTalk } from '@agentmix/act-core';
import { uuidv7 } from 'uuidv7';
import { describe, expect, it } from 'vitest';
import { decideBatch } from './batch.ts';
import type { Giver, Outcome } from './batch.ts';
import { RecentCommands } from './recent-commands.ts';

const NOW = Date.UTC(2026, 0, 1);
const HASH = 'ab'.repeat(32);

/** A lane’s heart: a project in which commands are decided in batches, each by whoever gives it. */
const makeLane = () => {
  const state = emptyState(uuidv7());
  const recent = new RecentCommands(0);
  const batch = (...commands: { id?: string; command: LaneCommand; giver?: Giver }[]) =>
    decideBatch(
      state,
      recent,
      commands.map(({ id = uuidv7(), command, giver = {} }) => ({
        id,
        madeAt: NOW,
        command,
        resolve: () => undefined,
        queuedAt: 0,
        solo: false,
        ...giver,
      })),
      {
        now: NOW,
        newId: () => uuidv7(),
        seeking: new Set(),
        talk: makeTalk(),
        isSignedBy: () => false,
      },
      NOW,
    );
  batch({ command: { name: 'project.create', input: { name: 'x' } } });
  return { state, batch };
};

const put = (memberId: string, role: 'admin' | 'viewer'): LaneCommand => ({
  name: 'member.put',
  input: { memberId, kind: 'service', role },
});
const admin = (memberId: string): Caller => ({ memberId, role: 'admin', isOwner: false });
const milestone: LaneCommand = { name: 'project.milestone', input: { name: 'half way' } };
const code = (outcome: Outcome | undefined): string | undefined =>
  outcome?.ok === false ? outcome.refusal.code : undefined;

describe('a batch of commands of several members', () => {
  it('tells in the record who gave each of them', () => {
    const { batch } = makeLane();
    const [ann, bob] = [uuidv7(), uuidv7()];
    const { commit } = batch(
      { command: put(ann, 'admin') },
      { command: put(bob, 'admin'), giver: { caller: admin(ann) } },
      { command: milestone, giver: { caller: admin(bob) } },
    );
    expect(commit?.record.actors).toEqual([HUB_ACTOR, ann, bob]);
  });

  it('answers a repetition by the same member, and refuses it to every other', () => {
    const { batch, state } = makeLane();
    const [ann, bob, id] = [uuidv7(), uuidv7(), uuidv7()];
    batch({ command: put(ann, 'admin') }, { command: put(bob, 'admin') });
    batch({ id, command: milestone, giver: { caller: admin(ann) } });
    const { seq } = state;
    const { outcomes } = batch(
      { id, command: milestone, giver: { caller: admin(ann) } },
      { id, command: milestone, giver: { caller: admin(bob) } },
      { id, command: milestone },
    );
    expect(outcomes[0]).toMatchObject({ ok: true, isRepeated: true });
    expect(outcomes.slice(1).map(code)).toEqual(['idempotency_key_reused', 'idempotency_key_reused']);
    expect(state.seq).toBe(seq);
  });

  it('refuses whoever a command before it in the batch removed', () => {
    const { batch } = makeLane();
    const [ann, bob] = [uuidv7(), uuidv7()];
    batch({ command: put(ann, 'admin') }, { command: put(bob, 'admin') });
    const { outcomes } = batch(
      { command: { name: 'member.remove', input: { memberId: bob } }, giver: { caller: admin(ann) } },
      { command: milestone, giver: { caller: admin(bob) } },
      { command: put(bob, 'viewer'), giver: { caller: admin(ann) } },
      { command: milestone, giver: { caller: admin(bob) } },
    );
    expect(outcomes.map(code)).toEqual([undefined, 'project_not_found', undefined, 'forbidden']);
  });

  it('takes a secret’s hash to the store and to nothing that is told', () => {
    const { batch } = makeLane();
    const ann = uuidv7();
    batch({ command: put(ann, 'admin') });
    const input = { memberId: ann, label: 'ci' };
    const { commit, outcomes } = batch({
      command: { name: 'key.create', input },
      giver: { caller: admin(ann), secretHash: HASH },
    });
    expect(commit?.changes.secrets).toMatchObject([{ secretHash: HASH }]);
    expect(JSON.stringify([commit?.record, outcomes])).not.toContain(HASH);
  });
});

it('a refusal that is one too many brings its conflict into the same record', () => {
  const { batch } = makeLane();
  const register = (agentId: string): LaneCommand => ({
    name: 'agent.register',
    input: { agentId, capabilities: [] },
  });
  const { outcomes: joined } = batch({ command: register('ada') }, { command: register('bob') });
  const [ada = '', bob = ''] = joined.map((one) =>
    one.ok ? (one.output as { sessionId: string }).sessionId : '',
  );
  const request = (sessionId: string): { command: LaneCommand } => ({
    command: {
      name: 'reservation.request',
      input: { sessionId, regions: [{ path: 'a.ts' }], mode: 'exclusive', wait: false },
    },
  });
  const { commit, outcomes } = batch(request(ada), request(bob), request(bob), request(bob));
  const refused = 'region_reserved';
  expect(outcomes.slice(0, 4).map(code)).toEqual([undefined, refused, refused, refused]);
  expect(commit?.record.eventsText).toMatch(/reservation.granted.*conflict.detected.*conflict.resolved/);
});
