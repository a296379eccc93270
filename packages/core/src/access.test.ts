import { commands, includesRole, queries, ROLES } from '@agentmix/act-contract';
import type { CommandArguments, Role } from '@agentmix/act-contract';
import { describe, expect, it } from 'vitest';
import { caller, given, givenHub, happened as h, id, NOW } from '../../testing/src/given.ts';
import { routedCommands, validCommands } from '../../testing/src/calls/index.ts';
import type { RoutedCommand, World } from '../../testing/src/calls/index.ts';
import { checkCaller, maySpeakAs } from './access.ts';
import type { LaneCommandName } from './decide.ts';

const MEMBER = 2;
const OTHER = 3;
const KEY = 4;
const ADA = 11;

const isInLane = (name: RoutedCommand): name is Extract<RoutedCommand, LaneCommandName> =>
  name !== 'agent.heartbeat' && name !== 'artifact.rewrap';
const laneCommands = routedCommands.filter(isInLane);

const allows = (name: LaneCommandName, role: Role): boolean => {
  const { role: needed } = commands[name];
  return needed !== undefined && includesRole(role, needed);
};

/** Ids that nothing has, but for one session: a role is judged before anything is looked up. */
const nowhere: World = {
  projectId: id(1),
  phaseId: id(31),
  emptyPhaseId: id(32),
  openTaskId: id(33),
  otherTaskId: id(34),
  dependentTaskId: id(35),
  heldTaskId: id(36),
  epoch: 1,
  blockedTaskId: id(37),
  failedTaskId: id(38),
  ada: id(ADA),
  bob: id(12),
  messageId: id(41),
  requestId: id(42),
  conflictId: id(43),
  memberId: id(44),
  keyId: id(45),
  uploadId: id(46),
  artifactId: id(47),
  reservationId: id(48),
  stateVersion: 1,
};

const codeOf = (
  name: LaneCommandName,
  who: ReturnType<typeof caller>,
  ...events: Parameters<typeof given>
) => {
  const { state } = given(h.project(), h.joined('ada', ADA), ...events);
  // The table gives every name the input of its own row.
  const input = commands[name].input.parse(validCommands[name as RoutedCommand](nowhere));
  return checkCaller(state, { name, input } as never, who, NOW)?.refusal.code;
};

describe('roles, for every row of the table', () => {
  const rolesOfProjects = ROLES.filter((role) => role !== 'owner');
  const cases = laneCommands.flatMap((name) => rolesOfProjects.map((role) => [name, role] as const));

  it.each(cases)('%s by %s is refused exactly when the role does not include the row’s', (name, role) => {
    const expected = allows(name, role) ? undefined : 'forbidden';
    expect(codeOf(name, caller(MEMBER, role, KEY), h.member(MEMBER, role), h.key(KEY, MEMBER))).toBe(
      expected,
    );
  });

  it.each(cases)('%s is decided by the lesser of %s and what the credential allows', (name, role) => {
    const lesser: Role = 'viewer';
    const expected = allows(name, lesser) ? undefined : 'forbidden';
    expect(codeOf(name, caller(MEMBER, lesser), h.member(MEMBER, role))).toBe(expected);
    // The door thought of an admin; meanwhile the member became what it is here.
    const now = allows(name, role) ? undefined : 'forbidden';
    expect(codeOf(name, caller(MEMBER, 'admin'), h.member(MEMBER, role))).toBe(now);
  });

  it.each(laneCommands)('%s is allowed to owners, who are no members', (name) =>
    expect(codeOf(name, caller(MEMBER, 'owner'))).toBeUndefined(),
  );

  it('gives every row with a route a role, and every row without one none', () => {
    for (const row of [...Object.values(commands), ...Object.values(queries)])
      expect([row.name, 'role' in row]).toEqual([row.name, 'route' in row]);
  });

  it.each([
    'session.expire',
    'task.timeout',
    'access.note',
    'owner.admit',
    'reservation.expire',
    'conflict.expire',
    'conflict.contend',
  ] as const)('%s is given by no caller, however high its role', (name) => {
    const { state } = given(h.project());
    const refused = checkCaller(state, { name, input: {} } as never, caller(MEMBER, 'owner'), NOW);
    expect(refused?.refusal.code).toBe('forbidden');
  });
});

describe('a caller whose standing changed since the door looked', () => {
  const task: CommandArguments<'task.create'> = { title: 'x' };
  const coordinator = caller(MEMBER, 'coordinator', KEY);
  const joined = [h.project(), h.member(MEMBER, 'coordinator'), h.key(KEY, MEMBER)];
  const tries = (...events: Parameters<typeof given>) =>
    given(...joined, ...events).when('task.create', task, { caller: coordinator });

  it('acts while nothing changed', () => expect(tries().events).toHaveLength(1));
  it('is told of no project when the member was removed', () =>
    tries(h.removed(MEMBER)).then('project_not_found'));
  it('is refused when the key was revoked', () => tries(h.revoked(KEY)).then('key_revoked'));
  it('is refused when the project never had the key', () =>
    given(h.project(), h.member(MEMBER, 'coordinator'))
      .when('task.create', task, { caller: coordinator })
      .then('key_revoked'));
  it('is refused when the key has run out, and not before', () => {
    tries(h.expiring(KEY, NOW)).then('key_expired');
    expect(tries(h.expiring(KEY, NOW + 1)).events).toHaveLength(1);
  });
  it('is refused when the role became less', () => tries(h.member(MEMBER, 'viewer')).then('forbidden'));
  it('stays refused with the old key when the member is put back', () =>
    tries(h.removed(MEMBER), h.member(MEMBER, 'admin')).then('key_revoked'));
  it('acts without a key where it came from elsewhere', () =>
    expect(
      given(...joined).when('task.create', task, { caller: caller(MEMBER, 'coordinator') }).events,
    ).toHaveLength(1));
  it('cannot make a project that does not exist yet, unless it is an owner', () => {
    given()
      .when('project.create', { name: 'x' }, { caller: caller(MEMBER, 'admin') })
      .then('project_not_found');
    expect(
      given().when('project.create', { name: 'x' }, { caller: caller(MEMBER, 'owner') }).events,
    ).toHaveLength(1);
  });
});

describe('an owner in the hub’s own project', () => {
  const owner = caller(MEMBER, 'owner', KEY);
  const hub = [h.project(), h.member(MEMBER, 'owner'), h.member(OTHER, 'owner'), h.key(KEY, MEMBER)];
  const put = { memberId: id(9), kind: 'human', role: 'owner' } as const;

  it('is judged like any member', () => {
    expect(givenHub(...hub).when('member.put', put, { caller: owner }).events).toHaveLength(1);
    givenHub(...hub, h.removed(MEMBER))
      .when('member.put', put, { caller: owner })
      .then('project_not_found');
    givenHub(...hub, h.revoked(KEY))
      .when('member.put', put, { caller: owner })
      .then('key_revoked');
  });
  it('may do no more than its key', () =>
    givenHub(...hub)
      .when('member.put', put, { caller: { ...owner, role: 'coordinator' } })
      .then('forbidden'));
});

describe('who may speak as an agent', () => {
  const events = [
    h.project(),
    h.member(MEMBER, 'agent', { kind: 'agent', agentId: 'ada' }),
    h.member(OTHER, 'agent', { kind: 'agent', agentId: 'bob' }),
    h.member(5, 'agent'),
    h.joined('ada', ADA),
    h.joined('bob', 12),
    h.joined('free', 13),
  ];
  const bound: readonly (readonly [string, number, string, boolean])[] = [
    ['a member with an agent, as its own', MEMBER, 'ada', true],
    ['a member with an agent, as another member’s', MEMBER, 'bob', false],
    ['a member with an agent, as one that no member has', MEMBER, 'free', false],
    ['a member without an agent, as a member’s', 5, 'ada', false],
    ['a member without an agent, as one that no member has', 5, 'free', true],
    ['an owner, as a member’s', 99, 'ada', false],
    ['an owner, as one that no member has', 99, 'free', true],
  ];
  const sessions: Readonly<Record<string, number>> = { ada: ADA, bob: 12, free: 13 };

  it.each(bound)('%s', (_who, member, agentId, allowed) => {
    const who = caller(member, member === 99 ? 'owner' : 'agent');
    expect(maySpeakAs(given(...events).state, id(member), agentId)).toBe(allowed);
    const registered = given(...events).when('agent.register', { agentId }, { caller: who });
    const session = { sessionId: id(sessions[agentId] ?? 0) };
    const spoken = given(...events).when('file.watch', { ...session, patterns: [] }, { caller: who });
    const { state } = given(...events);
    const beat = checkCaller(state, { name: 'agent.heartbeat', input: session }, who, NOW);
    expect(beat?.refusal.code).toBe(allowed ? undefined : 'not_your_agent');
    if (allowed) for (const { events: made } of [registered, spoken]) expect(made.length).toBeGreaterThan(0);
    else for (const { then } of [registered, spoken]) then('not_your_agent');
  });

  it('is judged for state, too, where a session is named', () => {
    const put = { key: 'k', value: 1, sessionId: id(12) };
    given(...events)
      .when('state.put', put, { caller: caller(MEMBER, 'agent') })
      .then('not_your_agent');
  });
  it('lets a member go on as its agent no longer when it is given another', () =>
    given(...events, h.member(MEMBER, 'agent', { kind: 'agent', agentId: 'eve' }))
      .when('file.watch', { sessionId: id(ADA), patterns: [] }, { caller: caller(MEMBER, 'agent') })
      .then('not_your_agent'));
  it('frees the agent of a member that was removed', () => {
    const { state } = given(...events, h.removed(OTHER));
    expect(maySpeakAs(state, id(5), 'bob')).toBe(true);
  });
  it('tells of a session that is over, not whose it was', () =>
    given(...events, h.left('bob', 12, 'expired'))
      .when('file.watch', { sessionId: id(12), patterns: [] }, { caller: caller(MEMBER, 'agent') })
      .then('session_expired'));
});

describe('file.report by a member with patterns', () => {
  const report = (...paths: string[]) =>
    given(
      h.project(),
      h.member(MEMBER, 'agent', { writePaths: ['src/**', 'docs/*.md'] }),
      h.joined('ada', ADA),
    ).when(
      'file.report',
      { sessionId: id(ADA), changes: paths.map((path) => ({ path, kind: 'modified' as const })) },
      { caller: caller(MEMBER, 'agent') },
    );

  it.each(['src/a.ts', 'src/deep/er/a.ts', 'docs/a.md', 'src/..a', 'src/a..b/c'])('takes %s', (path) =>
    expect(report(path).events).toHaveLength(1),
  );
  it.each(['a.ts', 'docs/a.ts', 'docs/deep/a.md', './src/a.ts'])('refuses %s', (path) =>
    report('src/a.ts', path).then('path_not_yours', { path }),
  );
  it.each(['/src/a.ts', 'src/../secret', 'src/deep/../../secret', 'src/..'])(
    'does not have to judge %s, which the contract lets nobody report',
    (path) => expect(() => report(path)).toThrow(/below the root/),
  );
  it('takes none when the list is empty, and all when there is none', () => {
    const changes = [{ path: 'any', kind: 'created' as const }];
    const input = { sessionId: id(ADA), changes };
    given(h.project(), h.member(MEMBER, 'agent', { writePaths: [] }), h.joined('ada', ADA))
      .when('file.report', input, { caller: caller(MEMBER, 'agent') })
      .then('path_not_yours');
    expect(
      given(h.project(), h.member(MEMBER, 'agent'), h.joined('ada', ADA)).when('file.report', input, {
        caller: caller(MEMBER, 'agent'),
      }).events,
    ).toHaveLength(1);
  });
});
