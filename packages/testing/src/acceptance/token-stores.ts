import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RefreshTokenStore, SigningKeyStore } from '@agentmix/act-core';
import { uuidv7 } from 'uuidv7';

/** Token stores under test; empty at first. Where `advanceClock` is absent their time is real. */
export interface TokenStoresUnderTest {
  readonly signingKeys: SigningKeyStore;
  readonly refreshTokens: RefreshTokenStore;
  readonly advanceClock?: (ms: number) => void;
  readonly dispose: () => Promise<void>;
}

const SHORT_MS = 300;
const LIFE = { lifeMs: 60_000, idleMs: 120_000 };
const SHORT_LIFE = { lifeMs: SHORT_MS, idleMs: 60_000 };
const SHORT_IDLE = { lifeMs: 60_000, idleMs: SHORT_MS };

const keyOf = (number: number, kid: string) => ({
  number,
  kid,
  privateKey: { keyId: 'master', wrapped: Uint8Array.from([0, 1, 254, 255, number]) },
});

const suiteOfSigningKeys = (under: () => TokenStoresUnderTest): void => {
  it('keeps keys in the order of their numbers, as they were given', async () => {
    const { signingKeys } = under();
    expect(await signingKeys.list()).toMatchObject({ keys: [], lastNumber: 0 });
    expect(await signingKeys.add(keyOf(1, 'one'))).toBe(true);
    expect(await signingKeys.add(keyOf(2, 'two'))).toBe(true);
    const { keys, lastNumber, now } = await signingKeys.list();
    expect(lastNumber).toBe(2);
    expect(keys.map(({ number, kid }) => [number, kid])).toEqual([
      [1, 'one'],
      [2, 'two'],
    ]);
    for (const { number, privateKey, createdAt } of keys) {
      expect(privateKey.keyId).toBe('master');
      expect([...privateKey.wrapped]).toEqual([0, 1, 254, 255, number]);
      expect(createdAt).toBeLessThanOrEqual(now);
      expect(createdAt).toBeGreaterThan(now - 60_000);
    }
  });

  it('gives a number once, also when many add at the same time', async () => {
    const { signingKeys } = under();
    const { lastNumber } = await signingKeys.list();
    const added = await Promise.all(
      Array.from({ length: 5 }, (_, at) => signingKeys.add(keyOf(lastNumber + 1, `race ${at}`))),
    );
    expect(added.filter(Boolean)).toHaveLength(1);
  });

  it('forgets a retired key for good, and not its number', async () => {
    const { signingKeys } = under();
    const { lastNumber } = await signingKeys.list();
    await signingKeys.add(keyOf(lastNumber + 1, 'leaked'));
    await signingKeys.retire('leaked');
    await signingKeys.retire('leaked');
    const after = await signingKeys.list();
    expect(after.lastNumber).toBe(lastNumber + 1);
    expect(after.keys.map(({ kid }) => kid)).not.toContain('leaked');
    expect(await signingKeys.add(keyOf(lastNumber + 1, 'again'))).toBe(false);
  });
};

const familyOf = (keyId = uuidv7()) => ({
  familyId: uuidv7(),
  secretHash: 'first',
  memberId: uuidv7(),
  projectId: uuidv7(),
  keyId,
});

const suiteOfRefreshTokens = (under: () => TokenStoresUnderTest): void => {
  it('rotates: each token is valid once, the next one after it', async () => {
    const { refreshTokens } = under();
    const family = familyOf();
    const { familyId, memberId, projectId, keyId } = family;
    await refreshTokens.open(family, LIFE, 10);
    const first = await refreshTokens.rotate(familyId, 'first', 'second', LIFE);
    expect(first).toMatchObject({ outcome: 'rotated', grant: { memberId, projectId, keyId } });
    expect(await refreshTokens.rotate(familyId, 'second', 'third', LIFE)).toEqual(first);
  });

  it('ends the family when a spent token is used again', async () => {
    const { refreshTokens } = under();
    const family = familyOf();
    await refreshTokens.open(family, LIFE, 10);
    await refreshTokens.rotate(family.familyId, 'first', 'second', LIFE);
    expect(await refreshTokens.rotate(family.familyId, 'first', 'stolen', LIFE)).toEqual({
      outcome: 'reused',
    });
    for (const hash of ['first', 'second', 'stolen'])
      expect(await refreshTokens.rotate(family.familyId, hash, 'next', LIFE)).toEqual({ outcome: 'unknown' });
  });

  it('lets one of many callers with the same token through, and ends the family', async () => {
    const { refreshTokens } = under();
    for (let round = 0; round < 5; round++) {
      const family = familyOf();
      await refreshTokens.open(family, LIFE, 10);
      const all = await Promise.all(
        Array.from({ length: 6 }, (_, at) =>
          refreshTokens.rotate(family.familyId, 'first', `next ${at}`, LIFE),
        ),
      );
      const outcomes = all.map(({ outcome }) => outcome);
      expect(outcomes.filter((one) => one === 'rotated')).toHaveLength(1);
      expect(outcomes.filter((one) => one === 'reused')).toHaveLength(1);
      for (let at = 0; at < 6; at++)
        expect(await refreshTokens.rotate(family.familyId, `next ${at}`, 'x', LIFE)).toEqual({
          outcome: 'unknown',
        });
    }
  });

  it('keeps so many families of one API key, the newest, and all of others', async () => {
    const { refreshTokens } = under();
    const keyId = uuidv7();
    const other = familyOf();
    await refreshTokens.open(other, LIFE, 2);
    const families = [familyOf(keyId), familyOf(keyId), familyOf(keyId)];
    for (const family of families) await refreshTokens.open(family, LIFE, 2);
    const outcomes = [];
    for (const { familyId } of [...families, other])
      outcomes.push((await refreshTokens.rotate(familyId, 'first', 'second', LIFE)).outcome);
    expect(outcomes).toEqual(['unknown', 'rotated', 'rotated', 'rotated']);
  });
};

const suiteOfLives = (under: () => TokenStoresUnderTest): void => {
  const shortTime = async (): Promise<void> => {
    const { advanceClock } = under();
    if (advanceClock) advanceClock(SHORT_MS);
    else await new Promise((resolve) => setTimeout(resolve, SHORT_MS + 50));
  };

  it('lets a family live so long from its opening, however often it rotates', async () => {
    const { refreshTokens } = under();
    const [used, unused] = [familyOf(), familyOf()];
    await refreshTokens.open(used, SHORT_LIFE, 10);
    await refreshTokens.open(unused, SHORT_LIFE, 10);
    expect(await refreshTokens.rotate(used.familyId, 'first', 'second', LIFE)).toMatchObject({
      outcome: 'rotated',
    });
    await shortTime();
    expect(await refreshTokens.rotate(used.familyId, 'second', 'third', LIFE)).toEqual({
      outcome: 'expired',
    });
    expect(await refreshTokens.forgetExpired()).toBe(1);
    expect(await refreshTokens.rotate(unused.familyId, 'first', 'second', LIFE)).toEqual({
      outcome: 'unknown',
    });
  });

  it('ends a family that is not used for so long, and lets one go on that is', async () => {
    const { refreshTokens } = under();
    const [used, unused] = [familyOf(), familyOf()];
    for (const family of [used, unused]) await refreshTokens.open(family, SHORT_IDLE, 10);
    const rotated = await refreshTokens.rotate(used.familyId, 'first', 'second', LIFE);
    expect(rotated).toMatchObject({ outcome: 'rotated' });
    await shortTime();
    expect(await refreshTokens.rotate(unused.familyId, 'first', 'second', LIFE)).toEqual({
      outcome: 'expired',
    });
    expect(await refreshTokens.rotate(used.familyId, 'second', 'third', SHORT_IDLE)).toMatchObject({
      outcome: 'rotated',
    });
    await shortTime();
    expect(await refreshTokens.forgetExpired()).toBe(1);
    expect(await refreshTokens.rotate(used.familyId, 'third', 'fourth', LIFE)).toEqual({
      outcome: 'unknown',
    });
  });
};

/** What stores of signing keys and refresh tokens promise, as tests: each adapter passes them unchanged. */
export const tokenStoresAcceptance = (name: string, make: () => Promise<TokenStoresUnderTest>): void => {
  describe(`${name} as a store of tokens`, () => {
    let made: TokenStoresUnderTest | undefined;
    const under = (): TokenStoresUnderTest => {
      if (!made) throw new Error('the stores are not made yet');
      return made;
    };
    beforeAll(async () => {
      made = await make();
    });
    afterAll(() => made?.dispose());
    describe('signing keys', () => suiteOfSigningKeys(under));
    describe('refresh tokens', () => suiteOfRefreshTokens(under));
    describe('lives of refresh tokens', () => suiteOfLives(under));
  });
};
