import { uuidv7 } from 'uuidv7';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeAccessWorld, unreachable } from '../../test/access-world.ts';
import type { AccessWorld } from '../../test/access-world.ts';

describe('the directory of members and keys', () => {
  let world: AccessWorld;
  beforeEach(async () => {
    world = await makeAccessWorld();
  });
  afterEach(() => world.close());

  it('looks a key up once, however often it is asked for', async () => {
    const { keyId, memberId } = await world.key(await world.member('agent'));
    expect(await world.directory.key(keyId)).toMatchObject({ memberId, role: 'agent' });
    for (let time = 0; time < 100; time++) await world.directory.key(keyId);
    expect(world.failing.lookUps).toBe(1);
    expect(world.directory.known(keyId)).toMatchObject({ memberId });
  });

  it('lets those who ask at the same time share one look-up', async () => {
    const { keyId } = await world.key(await world.member('agent'));
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    world.failing.beforeRead = () => gate;
    const asked = Array.from({ length: 50 }, () => world.directory.key(keyId));
    open();
    expect(new Set(await Promise.all(asked)).size).toBe(1);
    expect(world.failing.lookUps).toBe(1);
  });

  it('asks for an id that nobody has once a second, not once a call', async () => {
    const nobody = uuidv7();
    for (const [monotonic, lookUps] of [
      [0, 1],
      [999, 1],
      [1_000, 2],
      [1_999, 2],
      [2_000, 3],
    ] as const) {
      world.monotonic = monotonic;
      expect(await world.directory.key(nobody)).toBeUndefined();
      expect([monotonic, world.failing.lookUps]).toEqual([monotonic, lookUps]);
    }
  });

  it('forgets that nobody had an id as soon as it hears of who has it', async () => {
    const memberId = uuidv7();
    expect(await world.directory.member(world.projectId, memberId)).toBeUndefined();
    await world.member('viewer', { memberId });
    expect(await world.directory.member(world.projectId, memberId)).toBeUndefined();
    await world.directory.refresh();
    expect(await world.directory.member(world.projectId, memberId)).toMatchObject({ role: 'viewer' });
  });

  it('hears of a revocation, a removal and another role with the next look', async () => {
    const [member, other] = [await world.member('agent'), await world.member('agent')];
    const [first, second] = [await world.key(member), await world.key(other)];
    const credentials = [await world.directory.key(first.keyId), await world.directory.key(second.keyId)];
    await world.run('key.revoke', { keyId: first.keyId });
    await world.member('viewer', { memberId: other });
    const [before] = credentials;
    expect(before && world.directory.current(before).key?.isRevoked).toBe(false);
    await world.directory.refresh();
    expect(world.directory.known(first.keyId)?.key?.isRevoked).toBe(true);
    expect(world.directory.known(second.keyId)?.role).toBe('viewer');
    await world.run('member.remove', { memberId: other });
    await world.directory.refresh();
    expect(world.directory.known(second.keyId)?.isRemoved).toBe(true);
  });

  it('hears of what changed while the database was away, however long', async () => {
    const { keyId } = await world.key(await world.member('agent'));
    await world.directory.key(keyId);
    await world.run('key.revoke', { keyId });
    world.failing.beforeRead = unreachable;
    for (let time = 0; time < 5; time++) await world.directory.refresh();
    world.failing.aheadMs = 3_600_000;
    world.failing.beforeRead = () => Promise.resolve();
    await world.directory.refresh();
    expect(world.directory.known(keyId)?.key?.isRevoked).toBe(true);
  });

  it('trusts what it has for 10 s without hearing, then no longer, and again once it hears', async () => {
    world.failing.beforeRead = unreachable;
    world.monotonic = 9_999;
    await world.directory.refresh();
    expect(world.directory.isFresh).toBe(true);
    world.monotonic = 10_000;
    expect(world.directory.isFresh).toBe(false);
    expect(world.logged).toEqual(['access not read']);
    world.failing.beforeRead = () => Promise.resolve();
    await world.directory.refresh();
    expect(world.directory.isFresh).toBe(true);
  });

  it('counts the ten seconds from when it asked, not from when it was answered', async () => {
    world.failing.beforeRead = async () => {
      world.monotonic += 9_000;
    };
    await world.directory.refresh();
    world.monotonic += 1_000;
    expect(world.directory.isFresh).toBe(false);
  });

  it('throws what the store throws, and asks again the next time', async () => {
    const { keyId } = await world.key(await world.member('agent'));
    world.failing.beforeRead = unreachable;
    await expect(world.directory.key(keyId)).rejects.toThrow('away');
    world.failing.beforeRead = () => Promise.resolve();
    expect(await world.directory.key(keyId)).toBeDefined();
  });

  it('tells its listeners after every look, also one that failed', async () => {
    let heard = 0;
    world.directory.onHeard(() => heard++);
    await world.directory.refresh();
    world.failing.beforeRead = unreachable;
    await world.directory.refresh();
    expect(heard).toBe(2);
  });

  it('notes the uses of keys, and again those that could not be noted', async () => {
    const { keyId } = await world.key(await world.member('agent'));
    const lastUse = async () => {
      const keys = await world.failing.inner.query('key.list', world.projectId, { limit: 10 });
      return keys?.items.find(({ id }) => id === keyId)?.lastUsedAt;
    };
    world.directory.used(keyId);
    world.failing.beforeRead = unreachable;
    await world.directory.refresh();
    expect(await lastUse()).toBeUndefined();
    world.failing.beforeRead = () => Promise.resolve();
    await world.directory.refresh();
    expect(await lastUse()).toEqual(expect.any(String));
  });

  it('looks twice a second by itself until it is stopped', async () => {
    await world.directory.start();
    const before = world.failing.polls;
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    expect(world.failing.polls - before).toBeGreaterThanOrEqual(2);
    expect(world.failing.polls - before).toBeLessThanOrEqual(3);
    await world.directory.stop();
    const after = world.failing.polls;
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(world.failing.polls).toBe(after);
  });
});
