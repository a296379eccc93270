import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt, decodeProtectedHeader, SignJWT, UnsecuredJWT } from 'jose';
import { CLIENT_ID, RESOURCE, startIdentityProvider } from '../../../test/identity-provider.ts';
import type { IdentityProvider } from '../../../test/identity-provider.ts';
import { startPlainIssuer } from '../../../test/plain-issuer.ts';
import { makeOidcVerifier } from './oidc.ts';
import type { OidcOptions } from './oidc.ts';

describe('tokens of a real OpenID Connect provider', () => {
  let provider: IdentityProvider;
  let now: number;
  const logged: string[] = [];
  const verifierFor = (audience: string, issuer = provider.issuer, rules: Partial<OidcOptions> = {}) =>
    makeOidcVerifier({
      ...rules,
      issuer,
      audience,
      clock: { now: () => now, anchor: () => undefined },
      log: (message) => logged.push(message),
    });

  beforeAll(async () => {
    now = Date.now();
    provider = await startIdentityProvider();
  });
  afterAll(() => provider.close());

  it('name a member, always the same one, and another for another person', async () => {
    const verifier = verifierFor(CLIENT_ID);
    const first = await verifier.verify(await provider.idToken('grace'));
    const again = await verifierFor(CLIENT_ID).verify(await provider.idToken('grace'));
    const other = await verifier.verify(await provider.idToken('ada'));
    if (!('person' in first) || !('person' in again) || !('person' in other)) throw new Error('refused');
    expect(first.person.memberId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5/);
    expect(again.person.memberId).toBe(first.person.memberId);
    expect(other.person.memberId).not.toBe(first.person.memberId);
    expect(first.person.name).toBe('grace of the test');
    expect(first.person.expiresAt * 1000).toBeGreaterThan(now);
  });

  it('may be access tokens for the hub', async () => {
    const token = await provider.accessToken();
    expect(decodeProtectedHeader(token).typ).toBe('at+jwt');
    expect(await verifierFor(RESOURCE).verify(token)).toHaveProperty('person.memberId');
  });

  it('may be signed with an elliptic curve', async () => {
    const token = await provider.idToken('grace', 'elliptic');
    expect(decodeProtectedHeader(token).alg).toBe('ES256');
    expect(await verifierFor('elliptic').verify(token)).toHaveProperty('person');
  });

  it('are refused when they are for someone else', async () => {
    const verifier = verifierFor(CLIENT_ID);
    expect(await verifier.verify(await provider.accessToken('urn:other'))).toEqual({
      flaw: 'other_audience',
    });
    expect(await verifier.verify(await provider.idToken('grace', 'elliptic'))).toEqual({
      flaw: 'other_audience',
    });
  });

  it('are refused without the scope that is asked for, which only access tokens have', async () => {
    const token = await provider.accessToken();
    const verdict = (scope: string) => verifierFor(RESOURCE, provider.issuer, { scope }).verify(token);
    expect(await verdict('hub')).toHaveProperty('person');
    for (const scope of ['hu', 'hub2', 'admin'])
      expect(await verdict(scope)).toEqual({ flaw: 'other_scope' });
    const people = verifierFor(CLIENT_ID, provider.issuer, { scope: 'hub' });
    expect(await people.verify(await provider.idToken('grace'))).toEqual({ flaw: 'other_scope' });
  });

  it('are refused when the sign-in was weaker than asked for, or says nothing of its strength', async () => {
    const plain = await startPlainIssuer();
    const verdict = async (rules: Partial<OidcOptions>, claims: Record<string, unknown>) =>
      verifierFor(CLIENT_ID, plain.issuer, rules).verify(await plain.sign(CLIENT_ID, claims));
    const strong = { acr: 'gold', amr: ['pwd', 'hwk'] };
    for (const rules of [
      { acr: ['silver', 'gold'] },
      { amr: ['hwk', 'otp'] },
      { acr: ['gold'], amr: ['hwk'] },
    ])
      expect(await verdict(rules, strong)).toHaveProperty('person');
    for (const rules of [{ acr: ['silver'] }, { amr: ['otp'] }, { acr: ['gold'], amr: ['otp'] }])
      expect(await verdict(rules, strong)).toEqual({ flaw: 'weak_sign_in' });
    for (const said of [{}, { acr: ['gold'], amr: 'hwk' }, { acr: 1, amr: { hwk: true } }])
      for (const rules of [{ acr: ['gold'] }, { amr: ['hwk'] }])
        expect(await verdict(rules, said)).toEqual({ flaw: 'weak_sign_in' });
    expect(await verdict({}, {})).toHaveProperty('person');
    plain.close();
  });

  it('are refused when an RSA key shorter than asked for signed them', async () => {
    const token = await provider.idToken('grace');
    const verdict = (rsaBitsMin: number) =>
      verifierFor(CLIENT_ID, provider.issuer, { rsaBitsMin }).verify(token);
    expect(await verdict(2_048)).toHaveProperty('person');
    expect(await verdict(3_072)).toEqual({ flaw: 'unknown_key' });
  });

  it('are refused when they have ended', async () => {
    const token = await provider.idToken('grace');
    const { exp = 0 } = decodeJwt(token);
    const verifier = verifierFor(CLIENT_ID);
    now = exp * 1000 + 4_000;
    expect(await verifier.verify(token)).toHaveProperty('person');
    now = exp * 1000 + 6_000;
    expect(await verifier.verify(token)).toEqual({ flaw: 'expired' });
    now = Date.now();
  });

  it('are refused when they were changed, or signed with anything but the provider’s keys', async () => {
    const verifier = verifierFor(CLIENT_ID);
    const token = await provider.idToken('grace');
    const claims = decodeJwt(token);
    const [header = '', , signature = ''] = token.split('.');
    const payload = Buffer.from(JSON.stringify({ ...claims, sub: 'root' })).toString('base64url');
    expect(await verifier.verify(`${header}.${payload}.${signature}`)).toEqual({ flaw: 'forged' });
    expect(await verifier.verify(new UnsecuredJWT(claims).encode())).toEqual({ flaw: 'malformed' });
    const secret = new TextEncoder().encode('a-secret-of-the-test-client-that-is-long-enough');
    const { kid = '' } = decodeProtectedHeader(token);
    const shared = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256', kid }).sign(secret);
    expect(await verifier.verify(shared)).toEqual({ flaw: 'malformed' });
    const symmetric = await provider.idToken('grace', 'shared-secret');
    expect(decodeProtectedHeader(symmetric).alg).toBe('HS256');
    expect(await verifierFor('shared-secret').verify(symmetric)).toEqual({ flaw: 'malformed' });
    for (const text of ['', 'x', 'a.b.c', `${token}.x`, 'e'.repeat(20_000)])
      expect(await verifier.verify(text)).toEqual({ flaw: 'malformed' });
  });

  it('cost one reading of the key set, however many name a key that it does not have', async () => {
    const verifier = verifierFor(CLIENT_ID);
    const token = await provider.idToken('grace');
    const before = provider.keySetReads();
    await verifier.verify(token);
    const [, payload, signature] = token.split('.');
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, at) => {
        const header = Buffer.from(JSON.stringify({ alg: 'RS256', kid: `k${at}` })).toString('base64url');
        return verifier.verify(`${header}.${payload}.${signature}`);
      }),
    );
    expect(new Set(answers.map((answer) => 'flaw' in answer && answer.flaw))).toEqual(
      new Set(['unknown_key']),
    );
    expect(provider.keySetReads() - before).toBe(1);
  });

  it('are neither taken nor called forged while the provider cannot be asked, and taken when it is back', async () => {
    const other = await startIdentityProvider();
    const token = await other.idToken('grace');
    await other.close();
    const verifier = verifierFor(CLIENT_ID, other.issuer);
    expect(await verifier.verify(token)).toEqual({ flaw: 'unavailable' });
    expect(logged).toContain('the identity provider cannot be asked');
    const back = await startIdentityProvider(Number(new URL(other.issuer).port));
    expect(await verifier.verify(await back.idToken('grace'))).toHaveProperty('person');
    // The provider that came back has other keys.
    expect(await verifier.verify(token)).toEqual({ flaw: 'unknown_key' });
    await back.close();
  });

  it('are not taken from a provider that says it is another, or sends the hub elsewhere', async () => {
    const served: string[] = [];
    const impostor = createServer((request, response) => {
      served.push(request.url ?? '');
      if (request.url?.startsWith('/moved')) response.writeHead(302, { location: provider.issuer });
      else response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ issuer: provider.issuer, jwks_uri: `${provider.issuer}/jwks` }));
    });
    await new Promise<void>((resolve) => impostor.listen(0, '127.0.0.1', resolve));
    const address = `http://127.0.0.1:${(impostor.address() as AddressInfo).port}`;
    const key = new TextEncoder().encode('x'.repeat(32));
    for (const issuer of [address, `${address}/moved`]) {
      const token = await new SignJWT({ iss: issuer }).setProtectedHeader({ alg: 'HS256' }).sign(key);
      expect(await verifierFor(CLIENT_ID, issuer).verify(token)).toEqual({ flaw: 'unavailable' });
    }
    expect(served).toHaveLength(2);
    await new Promise((resolve) => impostor.close(resolve));
  });

  it('come from an https address or this machine only', () => {
    for (const issuer of ['http://login.test', 'ftp://127.0.0.1', 'login.test', 'http://127.0.0.1.evil.test'])
      expect(() => verifierFor(CLIENT_ID, issuer)).toThrow('ACT_OIDC_ISSUER must be an https address');
    expect(() => verifierFor(CLIENT_ID, 'https://login.test')).not.toThrow();
  });
});
