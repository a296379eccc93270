import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreUnavailable } from '@agentmix/act-core';
import type { SigningKeyStore } from '@agentmix/act-core';
import { makeTokenWorld } from '../../../test/token-authority.ts';
import type { TokenWorld } from '../../../test/token-authority.ts';
import { makeAesGcmProvider } from '../key-provider/aes-gcm-provider.ts';
import { parseMasterKeys } from '../key-provider/master-keys.ts';
import { keySetOf } from './key-set.ts';
import { OVERLAP_MS } from './key-life.ts';

const DAY_MS = 24 * 3_600_000;
const LEARNT_MS = 1_000;

describe('the keys that sign tokens', () => {
  let world: TokenWorld;
  beforeEach(() => {
    world = makeTokenWorld();
  });
  afterEach(() => world.close());

  /** A store that counts how often it was read, and may be out of reach. */
  const watched = () => {
    const watch = { lists: 0, isLost: false };
    const store: SigningKeyStore = {
      ...world.signingKeys,
      list: () => {
        watch.lists++;
        if (watch.isLost) throw new StoreUnavailable('lost');
        return world.signingKeys.list();
      },
    };
    return { watch, store };
  };
  const until = async (holds: () => boolean): Promise<boolean> => {
    const end = performance.now() + LEARNT_MS;
    while (!holds() && performance.now() < end) await sleep(10);
    return holds();
  };

  it('are made once where there are none, by however many hubs', async () => {
    const hubs = await Promise.all([world.hub(), world.hub(), world.hub()]);
    const kids = hubs.map(({ ring }) => ring.keys.map(({ kid }) => kid));
    expect(kids[0]).toHaveLength(1);
    expect(kids[1]).toEqual(kids[0]);
    expect(kids[2]).toEqual(kids[0]);
    expect(hubs[0]?.ring.signer?.kid).toBe(kids[0]?.[0]);
  });

  it('are rotated by command: published at once, signing when everybody knows them', async () => {
    const [{ ring }, { ring: other }] = [await world.hub(), await world.hub()];
    const first = ring.signer?.kid;
    world.now += 1_000;
    expect(await ring.rotate()).toBeUndefined();
    expect(ring.keys).toHaveLength(2);
    expect(ring.signer?.kid).toBe(first);
    expect(await until(() => other.keys.length === 2)).toBe(true);
    world.now += 60_000;
    expect(ring.signer?.kid).toBe(ring.keys[1]?.kid);
    expect(other.signer?.kid).toBe(ring.keys[1]?.kid);
    const { body, headers } = keySetOf(other);
    expect(body.keys.map(({ kid }) => kid)).toEqual(ring.keys.map(({ kid }) => kid));
    for (const key of body.keys)
      expect(Object.keys(key).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
    expect(headers['cache-control']).toBe('public, max-age=60');
  });

  it('are rotated by age, once for all hubs, and destroyed when no token needs them', async () => {
    const [{ ring }, { ring: other }] = [await world.hub(), await world.hub()];
    const first = ring.keys[0]?.kid;
    world.now += DAY_MS - 1;
    await sleep(700);
    expect(ring.keys).toHaveLength(1);
    world.now += 1;
    expect(await until(() => ring.keys.length === 2 && other.keys.length === 2)).toBe(true);
    world.now += 60_000 + OVERLAP_MS;
    expect(await until(() => !ring.keys.some(({ kid }) => kid === first))).toBe(true);
    expect((await world.signingKeys.list()).keys).toHaveLength(1);
    expect((await world.signingKeys.list()).lastNumber).toBe(2);
  });

  it('that leaked are retired at once, on every hub, and never the last one without another', async () => {
    const [{ ring }, { ring: other }] = [await world.hub(), await world.hub()];
    const leaked = ring.signer?.kid ?? '';
    await ring.retire(leaked);
    expect(ring.has(leaked)).toBe(false);
    expect(ring.signer?.kid).not.toBe(leaked);
    expect(await until(() => !other.has(leaked) && other.signer?.kid === ring.signer?.kid)).toBe(true);
  });

  it('are looked for when a token names an unknown one, five times a second whoever asks how often', async () => {
    const { watch, store } = watched();
    const { ring } = await world.hub({ store });
    const { ring: other } = await world.hub();
    await other.rotate();
    const fresh = other.keys[1]?.kid ?? '';
    // Whatever the follower does: the answer comes from a load that began after the question.
    expect((await ring.find(fresh))?.kid).toBe(fresh);
    const before = watch.lists;
    const started = performance.now();
    while (performance.now() - started < 1_000) {
      void ring.find('x'.repeat(43)).catch(() => undefined);
      await sleep(1);
    }
    const seconds = (performance.now() - started) / 1_000;
    expect(watch.lists - before).toBeLessThanOrEqual(Math.ceil(5 * seconds) + 1);
    const asked = watch.lists;
    const found = await Promise.all(Array.from({ length: 5_000 }, () => ring.find('y'.repeat(43))));
    expect(found.every((one) => one === undefined)).toBe(true);
    expect(watch.lists - asked).toBeLessThanOrEqual(3);
  });

  it('say that the store cannot be reached instead of that a key is unknown', async () => {
    const { watch, store } = watched();
    const { ring } = await world.hub({ store });
    watch.isLost = true;
    await expect(ring.find('x'.repeat(43))).rejects.toThrow(StoreUnavailable);
    expect(ring.isFresh).toBe(true);
    await sleep(600);
    expect(world.logged).toContain('signing keys were not read');
  });

  it('are at most 32', async () => {
    const { ring } = await world.hub();
    for (let number = ring.keys.length; number < 32; number++) expect(await ring.rotate()).toBeUndefined();
    expect(await ring.rotate()).toMatchObject({ code: 'limit_reached' });
    expect(ring.keys).toHaveLength(32);
  });

  it('of another master key are none of a hub’s, which makes its own and says so', async () => {
    const { ring } = await world.hub();
    const keyProvider = makeAesGcmProvider(parseMasterKeys(randomBytes(32).toString('base64'), 'test'));
    const { ring: stranger } = await world.hub({ keyProvider });
    expect(stranger.keys).toHaveLength(1);
    expect(stranger.has(ring.keys[0]?.kid ?? '')).toBe(false);
    expect(world.logged).toContain('a signing key is not of this hub’s master key');
  });

  it('cannot be put into the store by someone without the master key', async () => {
    const { ring } = await world.hub();
    const [known] = (await world.signingKeys.list()).keys;
    if (!known) throw new Error('no key');
    // A wrapped key of the hub under another id, and bytes of the forger’s own.
    await world.signingKeys.add({ ...known, number: 2, kid: 'k'.repeat(43) });
    const wrapped = randomBytes(known.privateKey.wrapped.length);
    await world.signingKeys.add({
      number: 3,
      kid: 'f'.repeat(43),
      privateKey: { ...known.privateKey, wrapped },
    });
    expect(await ring.find('k'.repeat(43))).toBeUndefined();
    expect(await ring.find('f'.repeat(43))).toBeUndefined();
    expect(ring.keys).toHaveLength(1);
  });
});
