import { commands, HUB_PROJECT_ID, includesRole, queries, ROLES } from '@agentmix/act-contract';
import type { Role } from '@agentmix/act-contract';
import { uuidv7 } from 'uuidv7';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeOf, makeAccessWorld, unreachable } from '../../test/access-world.ts';
import type { AccessWorld } from '../../test/access-world.ts';
import type { Authorized } from './access.ts';
import { makeKey } from './keys/api-key.ts';

const codeIn = (answer: Authorized): string | undefined => (answer.ok ? undefined : answer.refusal.code);

describe('authenticate', () => {
  let world: AccessWorld;
  beforeEach(async () => {
    world = await makeAccessWorld();
  });
  afterEach(() => world.close());
  const show = (text: string | undefined) => codeOf(world.access.authenticate(text));

  it('takes a key, and from then on at once and without a look-up', async () => {
    const { text } = await world.key(await world.member('agent'));
    expect(await show(text)).toBeUndefined();
    expect(world.access.authenticate(text)).not.toBeInstanceOf(Promise);
    expect(world.failing.lookUps).toBe(1);
  });

  it('refuses nothing, nonsense, a key of nobody and a key’s id with another secret by the same words', async () => {
    const known = await world.key(await world.member('agent'));
    await show(known.text);
    const wrong = [
      undefined,
      '',
      'nonsense',
      makeKey(uuidv7(), 'live').text,
      makeKey(known.keyId, 'test').text,
    ];
    for (const text of wrong) {
      const answer = await world.access.authenticate(text);
      expect(answer).toEqual({ ok: false, refusal: { code: 'unauthorized' } });
    }
    expect(await show(known.text)).toBeUndefined();
  });

  it('looks nothing up for a key with a typo', async () => {
    const { text } = await world.key(await world.member('agent'));
    for (let at = 0; at < text.length; at++) {
      const typo = text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1);
      expect(await show(typo)).toBe('unauthorized');
    }
    expect(world.failing.lookUps).toBe(0);
  });

  it('tells of a revoked key and a removed member only who has the secret', async () => {
    const member = await world.member('agent');
    const [first, second] = [await world.key(member), await world.key(member)];
    await show(second.text);
    await world.run('key.revoke', { keyId: first.keyId });
    expect(await show(first.text)).toBe('key_revoked');
    expect(await show(makeKey(first.keyId, 'live').text)).toBe('unauthorized');
    await world.run('member.remove', { memberId: member });
    await world.directory.refresh();
    expect(await show(second.text)).toBe('key_revoked');
  });

  it('ends a key at the millisecond it was given to', async () => {
    const until = world.tokens.now + 1_000;
    const expiresAt = new Date(until).toISOString();
    const { text } = await world.key(await world.member('agent'), { expiresAt });
    world.tokens.now = until - 1;
    expect(await show(text)).toBeUndefined();
    world.tokens.now = until;
    expect(await show(text)).toBe('key_expired');
  });

  it('ends tokens with the key they came from, and takes none of another project or member', async () => {
    const key = await world.key(await world.member('agent'));
    const token = await world.token(key, { role: 'agent' });
    expect(await show(token)).toBeUndefined();
    expect(await show(await world.token(key, { projectId: uuidv7() }))).toBe('token_invalid');
    expect(await show(await world.token(key, { memberId: uuidv7() }))).toBe('token_invalid');
    expect(await show(await world.token(key, { keyId: uuidv7() }))).toBe('unauthorized');
    await world.run('key.revoke', { keyId: key.keyId });
    await world.directory.refresh();
    expect(await show(token)).toBe('key_revoked');
  });

  it('ends a token when its ten minutes are over', async () => {
    const token = await world.token(await world.key(await world.member('agent')));
    const bearer = await world.bearer(token);
    world.tokens.now += 600_000;
    expect(await show(token)).toBe('token_expired');
    expect(world.access.check(bearer)?.code).toBe('token_expired');
  });

  it('takes the token of a member without a key, until the member is removed', async () => {
    const member = await world.member('coordinator', { kind: 'human' });
    const grant = { memberId: member, keyId: undefined };
    const token = await world.token({ keyId: '', memberId: member, text: '' }, grant);
    expect(await show(token)).toBeUndefined();
    await world.run('member.remove', { memberId: member });
    await world.directory.refresh();
    expect(await show(token)).toBe('key_revoked');
  });

  it('takes no token without a key of an agent or a service, whose key could not end it', async () => {
    for (const [kind, agentId] of [
      ['agent', 'ada'],
      ['service', undefined],
    ] as const) {
      const memberId = await world.member('agent', { kind, ...(agentId ? { agentId } : {}) });
      const grant = { keyId: undefined, agentId };
      expect(await show(await world.token({ keyId: '', memberId, text: '' }, grant))).toBe('token_invalid');
    }
  });

  it('refuses everyone as unavailable after 10 s without the database, and recovers', async () => {
    const { text } = await world.key(await world.member('agent'));
    const bearer = await world.bearer(text);
    world.failing.beforeRead = unreachable;
    world.monotonic = 9_999;
    expect(await show(text)).toBeUndefined();
    expect(await show(makeKey(uuidv7(), 'live').text)).toBe('unavailable');
    world.monotonic = 10_000;
    for (const shown of [text, undefined, 'nonsense']) expect(await show(shown)).toBe('unavailable');
    expect(codeIn(world.access.authorize(bearer, world.projectId, 'viewer'))).toBe('unavailable');
    world.failing.beforeRead = () => Promise.resolve();
    await world.directory.refresh();
    expect(await show(text)).toBeUndefined();
  });
});

describe('authorize', () => {
  let world: AccessWorld;
  beforeEach(async () => {
    world = await makeAccessWorld();
  });
  afterEach(() => world.close());
  const allowed = async (text: string, needed: Role, projectId = world.projectId) =>
    codeIn(world.access.authorize(await world.bearer(text), projectId, needed));
  const projectRoles = ROLES.filter((role) => role !== 'owner');

  it('forbids exactly the rows of the table that need more than the role', async () => {
    for (const role of projectRoles) {
      const bearer = await world.bearer((await world.key(await world.member(role))).text);
      for (const row of [...Object.values(commands), ...Object.values(queries)]) {
        if (!row.role) continue;
        const answer = world.access.authorize(bearer, world.projectId, row.role);
        const expected = includesRole(role, row.role) ? undefined : 'forbidden';
        expect([row.name, role, codeIn(answer)]).toEqual([row.name, role, expected]);
      }
    }
  });

  it('goes by the least of what member, key and token say', async () => {
    for (const member of projectRoles)
      for (const key of ROLES)
        for (const token of ROLES) {
          const made = await world.key(await world.member(member), { role: key });
          const least = [member, key, token].toSorted((a, b) => ROLES.indexOf(a) - ROLES.indexOf(b))[0];
          const bearer = await world.bearer(await world.token(made, { role: token }));
          const roles = ROLES.filter((role) => world.access.authorize(bearer, world.projectId, role).ok);
          expect([member, key, token, roles.at(-1)]).toEqual([member, key, token, least]);
        }
  });

  it('goes by the member’s role as it is now', async () => {
    const memberId = await world.member('admin');
    const { text } = await world.key(memberId);
    expect(await allowed(text, 'admin')).toBeUndefined();
    await world.member('viewer', { memberId });
    await world.directory.refresh();
    expect(await allowed(text, 'admin')).toBe('forbidden');
  });

  it('answers another project as one that does not exist, whatever the role', async () => {
    for (const role of projectRoles) {
      const { text } = await world.key(await world.member(role));
      for (const projectId of [uuidv7(), HUB_PROJECT_ID]) {
        const answer = world.access.authorize(await world.bearer(text), projectId, 'viewer');
        expect(answer).toEqual({
          ok: false,
          refusal: { code: 'project_not_found', detail: `no project ${projectId}` },
        });
      }
    }
  });

  it('tells commands who the caller is', async () => {
    const { text, memberId, keyId } = await world.key(await world.member('agent'));
    const answer = world.access.authorize(await world.bearer(text), world.projectId, 'agent');
    expect(answer).toEqual({ ok: true, caller: { memberId, keyId, role: 'agent', isOwner: false } });
  });

  it('lets members of the hub into every project, as far as their key goes', async () => {
    const hub = await makeAccessWorld(HUB_PROJECT_ID);
    const owner = await hub.member('owner');
    const [full, viewer] = [await hub.key(owner), await hub.key(owner, { role: 'viewer' })];
    const anywhere = uuidv7();
    const [all, some] = [await hub.bearer(full.text), await hub.bearer(viewer.text)];
    expect(codeIn(hub.access.authorize(all, anywhere, 'owner'))).toBeUndefined();
    expect(codeIn(hub.access.authorize(some, anywhere, 'viewer'))).toBeUndefined();
    expect(codeIn(hub.access.authorize(some, anywhere, 'agent'))).toBe('forbidden');
    await hub.close();
  });
});

describe('what is open', () => {
  let world: AccessWorld;
  beforeEach(async () => {
    world = await makeAccessWorld();
  });
  afterEach(() => world.close());

  const watch = async (text: string, needed: Role = 'viewer') => {
    const ended: string[] = [];
    const bearer = await world.bearer(text);
    const forget = world.access.watch(bearer, world.projectId, needed, ({ code }) => ended.push(code));
    return { ended, forget, bearer };
  };

  it('goes on while nothing changes, and ends once, with the reason', async () => {
    const key = await world.key(await world.member('agent'));
    const { ended } = await watch(key.text);
    await world.directory.refresh();
    expect(ended).toEqual([]);
    await world.run('key.revoke', { keyId: key.keyId });
    await world.directory.refresh();
    await world.directory.refresh();
    expect(ended).toEqual(['key_revoked']);
  });

  it('ends when the role is no longer enough', async () => {
    const memberId = await world.member('agent');
    const { ended } = await watch((await world.key(memberId)).text, 'agent');
    await world.member('viewer', { memberId });
    await world.directory.refresh();
    expect(ended).toEqual(['forbidden']);
  });

  it('ends with its token, unless that was renewed', async () => {
    const key = await world.key(await world.member('agent'));
    const [first, second] = [await watch(await world.token(key)), await watch(await world.token(key))];
    world.tokens.now += 599_000;
    second.bearer.token = (await world.bearer(await world.token(key))).token ?? { role: 'viewer', until: 0 };
    world.tokens.now += 1_000;
    await world.directory.refresh();
    expect([first.ended, second.ended]).toEqual([['token_expired'], []]);
  });

  it('ends when the database was not heard for 10 s', async () => {
    const { ended } = await watch((await world.key(await world.member('agent'))).text);
    world.failing.beforeRead = unreachable;
    world.monotonic = 10_000;
    await world.directory.refresh();
    expect(ended).toEqual(['unavailable']);
  });

  it('is not ended after it was given up', async () => {
    const key = await world.key(await world.member('agent'));
    const { ended, forget } = await watch(key.text);
    forget();
    await world.run('key.revoke', { keyId: key.keyId });
    await world.directory.refresh();
    expect(ended).toEqual([]);
  });
});
