import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeTokenWorld } from '../../../test/token-authority.ts';
import type { TokenWorld } from '../../../test/token-authority.ts';
import { makeRefreshTokens } from './refresh-tokens.ts';
import type { RefreshTokens } from './refresh-tokens.ts';

const grant = { memberId: randomUUID(), projectId: randomUUID(), keyId: randomUUID() };

describe('refresh tokens', () => {
  let world: TokenWorld;
  let tokens: RefreshTokens;
  beforeEach(() => {
    world = makeTokenWorld();
    tokens = makeRefreshTokens(world.refreshTokens);
  });
  const refreshed = async (text: string): Promise<string> => {
    const answer = await tokens.refresh(text);
    if ('refusal' in answer) throw new Error(answer.refusal.code);
    expect(answer.grant).toEqual(grant);
    return answer.next;
  };
  const refusedAs = async (text: string): Promise<string> => {
    const answer = await tokens.refresh(text);
    return 'refusal' in answer ? answer.refusal.code : 'accepted';
  };

  it('are each spent for the next one, with 256 new random bits', async () => {
    let text = await tokens.open(grant);
    const seen = new Set([text]);
    for (let round = 0; round < 20; round++) {
      text = await refreshed(text);
      expect(text).toMatch(/^act_refresh_[0-9a-f]{32}_[A-Za-z0-9_-]{43}$/);
      seen.add(text);
    }
    expect(seen.size).toBe(21);
  });

  it('end with all that followed when a spent one comes again', async () => {
    const first = await tokens.open(grant);
    const other = await tokens.open(grant);
    const second = await refreshed(first);
    expect(await refusedAs(first)).toBe('token_reused');
    expect(await refusedAs(second)).toBe('token_invalid');
    expect(await refusedAs(first)).toBe('token_invalid');
    await refreshed(other);
  });

  it('end 24 hours after the exchange, however often they were refreshed', async () => {
    let text = await tokens.open(grant);
    for (let hour = 0; hour < 24; hour++) {
      world.now += 3_600_000 - 1;
      text = await refreshed(text);
    }
    world.now += 24;
    expect(await refusedAs(text)).toBe('token_expired');
  });

  it('end when nobody has used them for an hour', async () => {
    const text = await tokens.open(grant);
    world.now += 3_600_000 - 1;
    const next = await refreshed(text);
    world.now += 3_600_000;
    expect(await refusedAs(next)).toBe('token_expired');
    expect(await refusedAs(next)).toBe('token_invalid');
  });

  it('are stored as hashes only', async () => {
    const stored: unknown[] = [];
    const store = { ...world.refreshTokens };
    const spy = makeRefreshTokens({
      ...store,
      open: (...given) => {
        stored.push(given);
        return store.open(...given);
      },
    });
    const secret = (await spy.open(grant)).slice(-43);
    expect(stored).toHaveLength(1);
    expect(JSON.stringify(stored)).not.toContain(secret);
  });

  it('of any other form are refused', async () => {
    const text = await tokens.open(grant);
    for (const other of [
      '',
      'act_refresh_',
      `${text}=`,
      ` ${text}`,
      text.toUpperCase(),
      'x'.repeat(1_000_000),
    ])
      expect(await refusedAs(other)).toBe('token_invalid');
    await refreshed(text);
  });
});
