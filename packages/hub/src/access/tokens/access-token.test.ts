import { randomUUID, sign } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ACCESS_TOKEN_SECONDS } from '@agentmix/act-contract';
import { makeTokenWorld, ISSUER } from '../../../test/token-authority.ts';
import type { TokenWorld } from '../../../test/token-authority.ts';
import { issueToken } from './issue-token.ts';
import type { TokenAuthority, TokenGrant } from './issue-token.ts';
import { readToken } from './read-token.ts';
import { refusalOf } from './token-flaw.ts';
import { makeTokenVerifier } from './verify-token.ts';

const grant: TokenGrant = {
  memberId: randomUUID(),
  projectId: randomUUID(),
  role: 'agent',
  keyId: randomUUID(),
  agentId: 'ada',
};

describe('an access token', () => {
  let world: TokenWorld;
  let authority: TokenAuthority;
  beforeEach(async () => {
    world = makeTokenWorld();
    authority = await world.hub();
  });
  afterEach(() => world.close());

  const issue = async (over: Partial<TokenGrant> = {}): Promise<string> => {
    const issued = await issueToken(authority, { ...grant, ...over });
    if (!issued) throw new Error('not issued');
    return issued.token;
  };
  /** A token with any header and claims, signed with the hub’s own key. */
  const signed = (claims: object, header: object = {}): string => {
    const { signer } = authority.ring;
    if (!signer) throw new Error('no signer');
    const parts = [{ alg: 'EdDSA', typ: 'at+jwt', kid: signer.kid, ...header }, claims];
    const input = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${input}.${sign(null, Buffer.from(input), signer.privateKey).toString('base64url')}`;
  };
  const claimsNow = () => {
    const now = Math.floor(world.now / 1000);
    return {
      iss: ISSUER,
      aud: ISSUER,
      iat: now,
      exp: now + ACCESS_TOKEN_SECONDS,
      jti: randomUUID(),
      sub: grant.memberId,
      prj: grant.projectId,
      rol: 'agent',
      key: grant.keyId,
    };
  };

  it('says who, where, as what, by which key, and is taken by every hub', async () => {
    const token = await issue();
    const verdict = await makeTokenVerifier(await world.hub()).verify(token);
    const now = world.now / 1000;
    expect(verdict).toMatchObject({
      claims: {
        iss: ISSUER,
        aud: ISSUER,
        iat: now,
        exp: now + 600,
        sub: grant.memberId,
        prj: grant.projectId,
        rol: 'agent',
        key: grant.keyId,
        agt: 'ada',
      },
    });
    expect(token.length).toBeLessThan(900);
    expect(await issue()).not.toBe(token);
  });

  it('is taken until it ends and two seconds longer, also when it was seen before', async () => {
    const verifier = makeTokenVerifier(authority);
    const token = await issue();
    await verifier.verify(token);
    world.now += ACCESS_TOKEN_SECONDS * 1000 + 1_999;
    expect(verifier.recall(token)).toHaveProperty('claims');
    expect(await makeTokenVerifier(authority).verify(token)).toHaveProperty('claims');
    world.now += 1;
    expect(verifier.recall(token)).toEqual({ flaw: 'expired' });
    expect(await verifier.verify(token)).toEqual({ flaw: 'expired' });
    expect(await makeTokenVerifier(authority).verify(token)).toEqual({ flaw: 'expired' });
  });

  it('may come 30 seconds early and no more', async () => {
    const verifier = makeTokenVerifier(authority);
    const { iat } = claimsNow();
    for (const member of ['iat', 'nbf']) {
      const at = (seconds: number) =>
        verifier.verify(signed({ ...claimsNow(), exp: iat + 600, [member]: iat + seconds }));
      expect(await at(30)).toHaveProperty('claims');
      expect(await at(31)).toEqual({ flaw: 'not_yet_valid' });
    }
  });

  it('is recalled without cryptography, and only as long as its key is trusted', async () => {
    const verifier = makeTokenVerifier(authority);
    const token = await issue();
    expect(verifier.recall(token)).toBeUndefined();
    const verdict = await verifier.verify(token);
    expect(verifier.recall(token)).toEqual(verdict);
    await authority.ring.retire(authority.ring.signer?.kid ?? '');
    expect(verifier.recall(token)).toEqual({ flaw: 'unknown_key' });
    expect(await verifier.verify(token)).toEqual({ flaw: 'unknown_key' });
  });

  it('is forgotten when others were used later, and verified anew', async () => {
    const verifier = makeTokenVerifier(authority, 2);
    const [a, b, c] = [await issue(), await issue(), await issue()];
    await verifier.verify(a);
    await verifier.verify(b);
    verifier.recall(a);
    await verifier.verify(c);
    expect(verifier.recall(b)).toBeUndefined();
    expect(verifier.recall(a)).toHaveProperty('claims');
    expect(await verifier.verify(b)).toHaveProperty('claims');
  });

  it('is not remembered when it was refused', async () => {
    const verifier = makeTokenVerifier(authority);
    const token = await issue();
    const forged = `${token.slice(0, -4)}AAAA`;
    expect(await verifier.verify(forged)).toEqual({ flaw: 'forged' });
    expect(verifier.recall(forged)).toBeUndefined();
  });

  it('is refused by name of its flaw', async () => {
    const verifier = makeTokenVerifier(authority);
    const flawOf = async (claims: object, header?: object) =>
      verifier.verify(signed({ ...claimsNow(), ...claims }, header));
    expect(await flawOf({})).toHaveProperty('claims');
    expect(await flawOf({ unheard: 'of' })).toHaveProperty('claims');
    expect(await flawOf({ iss: 'https://evil.test' })).toEqual({ flaw: 'other_audience' });
    expect(await flawOf({ aud: 'https://evil.test' })).toEqual({ flaw: 'other_audience' });
    expect(await flawOf({ aud: [ISSUER] })).toEqual({ flaw: 'malformed' });
    expect(await flawOf({ rol: 'root' })).toEqual({ flaw: 'malformed' });
    expect(await flawOf({ sub: 7 })).toEqual({ flaw: 'malformed' });
    expect(await flawOf({ exp: String(claimsNow().exp) })).toEqual({ flaw: 'malformed' });
    expect(await flawOf({ exp: claimsNow().exp + 1 })).toEqual({ flaw: 'malformed' });
    expect(await flawOf({}, { typ: 'JWT' })).toEqual({ flaw: 'malformed' });
    expect(await flawOf({}, { jku: 'https://evil.test' })).toEqual({ flaw: 'malformed' });
    expect(await flawOf({}, { kid: 'A'.repeat(43) })).toEqual({ flaw: 'unknown_key' });
  });

  it('has one spelling', async () => {
    const token = await issue();
    expect(readToken(token)).toBeDefined();
    const [header = '', payload = '', signature = ''] = token.split('.');
    const respelled = (part: string, text: (json: string) => string): string =>
      Buffer.from(text(Buffer.from(part, 'base64url').toString())).toString('base64url');
    const others = [
      `${token} `,
      `${token}\n`,
      `${token}=`,
      `${header}.${payload}.${signature}.`,
      `${respelled(header, (json) => json.replace('{', '{ '))}.${payload}.${signature}`,
      `${respelled(header, (json) => json.replace('{', '{"alg":"none",'))}.${payload}.${signature}`,
      `${header}.${respelled(payload, (json) => json.replace('}', ',"sub":"x"}'))}.${signature}`,
      `${header}.${respelled(payload, (json) => json.replace('"iss"', '"\\u0069ss"'))}.${signature}`,
      `${header}.${respelled(payload, (json) => `\uFEFF${json}`)}.${signature}`,
    ];
    // The last character of 64 bytes has four bits that say nothing: 15 other spellings of the same signature.
    for (const last of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_')
      if (last !== signature.at(-1) && !'AQgw'.includes(last)) others.push(token.slice(0, -1) + last);
    for (const other of others) expect(readToken(other)).toBeUndefined();
  });

  it('tells its bearer only whether refreshing helps', () => {
    expect(refusalOf('expired').code).toBe('token_expired');
    expect(refusalOf('forged')).toEqual(refusalOf('unknown_key'));
    expect(refusalOf('unavailable').code).toBe('unavailable');
  });
});
