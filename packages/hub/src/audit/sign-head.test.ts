import { randomUUID } from 'node:crypto';
import { readHead } from '@agentmix/act-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ISSUER, makeTokenWorld } from '../../test/token-authority.ts';
import type { TokenWorld } from '../../test/token-authority.ts';
import { issueToken } from '../access/tokens/issue-token.ts';
import type { TokenAuthority } from '../access/tokens/issue-token.ts';
import { readToken } from '../access/tokens/read-token.ts';
import { makeTokenVerifier } from '../access/tokens/verify-token.ts';
import { signHead } from './sign-head.ts';
import type { HeadSignature } from './sign-head.ts';

const end = { projectId: randomUUID(), lastSeq: 42, hash: 'ab'.repeat(32) };

describe('a signed head', () => {
  let world: TokenWorld;
  let authority: TokenAuthority;
  beforeEach(async () => {
    world = makeTokenWorld();
    authority = await world.hub();
  });
  afterEach(() => world.close());

  const sign = async (): Promise<HeadSignature> => {
    const signed = await signHead(authority, end);
    if (!signed) throw new Error('not signed');
    return signed;
  };

  it('says who says where the log ends, in canonical JSON, and is read with the key beside it', async () => {
    const signed = await sign();
    const said = { iss: ISSUER, ...end, time: new Date(world.now).toISOString() };
    expect(await readHead(signed)).toEqual(said);
    const text = Buffer.from(signed.head.split('.')[1] ?? '', 'base64url').toString();
    expect(text).toBe(
      `{"hash":"${end.hash}","iss":"${ISSUER}","lastSeq":42,"projectId":"${end.projectId}","time":"${said.time}"}`,
    );
    expect(Object.keys(signed.key).sort()).toEqual(['crv', 'kid', 'kty', 'x']);
  });

  it('is read after the hub has destroyed its key', async () => {
    const signed = await sign();
    await authority.ring.retire(signed.key.kid);
    expect(await readHead(signed)).toMatchObject(end);
  });

  it('does not pass for an access token', async () => {
    const { head } = await sign();
    expect(readToken(head)).toBeUndefined();
    const verifier = makeTokenVerifier(authority);
    expect(await verifier.verify(head)).toEqual({ flaw: 'malformed' });
    expect(verifier.recall(head)).toBeUndefined();
  });

  it('is not what an access token passes for', async () => {
    const { key } = await sign();
    const grant = {
      memberId: randomUUID(),
      projectId: end.projectId,
      role: 'admin',
      keyId: randomUUID(),
    } as const;
    const issued = await issueToken(authority, grant);
    expect(issued).toBeDefined();
    expect(await readHead({ head: issued?.token ?? '', key })).toBeUndefined();
  });

  it('is not read with another key, another word, or a key under another’s id', async () => {
    const signed = await sign();
    await authority.ring.rotate();
    const other = authority.ring.keys.at(-1);
    const otherKey = {
      kty: 'OKP',
      crv: 'Ed25519',
      x: String(other?.jwk.x),
      kid: String(other?.kid),
    } as const;
    expect(await readHead({ ...signed, key: otherKey })).toBeUndefined();
    expect(await readHead({ ...signed, key: { ...otherKey, kid: signed.key.kid } })).toBeUndefined();
    const [header = '', payload = '', signature = ''] = signed.head.split('.');
    const changed = Buffer.from(payload, 'base64url').toString().replace('42', '43');
    const forged = `${header}.${Buffer.from(changed).toString('base64url')}.${signature}`;
    expect(await readHead({ ...signed, head: forged })).toBeUndefined();
    expect(await readHead({ ...signed, head: 'no head' })).toBeUndefined();
  });
});
